import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

import { findings } from '../axe';
import { expect, test as base } from '../lab';
import { code, patient } from '../rest';
import { World } from '../world';

/** Everybody else's JupyterLab stays without the extension. */
const test = base.extend<object, { own: World }>({
  own: [
    async ({}, use) => {
      const own = await World.start();
      const { home, python } = own.facts;
      const script = resolve(__dirname, '../../scripts/example.py');
      try {
        execFileSync(python, [script, join(home, '.local')], { stdio: 'inherit' });
        await use(own);
      } finally {
        await own.end();
      }
    },
    { scope: 'worker', timeout: 300_000 }
  ],
  world: async ({ own }, use) => use(own)
});

const PATH = 'work/dear.ipynb';

test('an extension of another package adds a column, by which the list is ordered, and a profile', async ({
  lab,
  page,
  panel,
  rest,
  world
}, info) => {
  await rest.save('work/cheap.ipynb', [code('1')]);
  await rest.save(PATH, [code(patient('dear.gate'))]);
  const dear = await rest.run(PATH, { resources: { cores: 2 } });
  await rest.until(dear.id, 'running');
  await lab.open(PATH);
  await panel.open();
  await panel.resize(300);
  const value = (job: { id: string }) => panel.row(job).locator('.jp-Compute-jobColumns');

  await test.step('what it says stands in the rows, and grows while the job runs', async () => {
    await expect(value(dear)).toHaveText(/^Core hours \d+\.\d{3}$/);
    const before = await value(dear).innerText();
    await expect(value(dear)).not.toHaveText(before);
    expect(await findings(page, '#jupyterlab-compute-panel')).toEqual([]);
    await panel.picture(info, 'column-narrow');
    world.openGate('work/dear.gate');
    await panel.sees(panel.row(dear), 'succeeded');
  });

  await test.step('the list is ordered by it', async () => {
    const cheap = await rest.run('work/cheap.ipynb');
    await panel.sees(panel.row(cheap), 'succeeded');
    const names = () => panel.root.locator('.jp-Compute-jobName').allInnerTexts();
    expect(await names()).toEqual(['cheap.ipynb', 'dear.ipynb']);
    await panel.root.getByRole('button', { name: 'Filter, sort and group' }).click();
    await panel.root.getByLabel('Order').selectOption('Core hours');
    await expect.poll(names).toEqual(['dear.ipynb', 'cheap.ipynb']);
    await panel.resize(620);
    await panel.picture(info, 'column-wide');
    await panel.resize(300);
  });

  await test.step('it stands on the page of the job, too', async () => {
    await panel.row(dear).click();
    const details = page.locator('.jp-Compute-details');
    await details.getByRole('button', { name: 'Timeline' }).click();
    const fact = details.locator('[data-column="compute-cost:core-hours"]');
    // Of a job that has ended both say the same, once and for all.
    const told = (await value(dear).innerText()).replace('Core hours ', '');
    await expect(fact.locator('dd')).toHaveText(told);
    await page.screenshot({ path: info.outputPath('column-page.png') });
  });

  await test.step('its profile is there, says where it comes from, and runs a notebook', async () => {
    const profiles = await rest.profiles();
    const added = profiles.find(({ name }) => name === 'compute-cost.quick-look');
    expect(added).toMatchObject({ origin: 'extension', given_in: 'compute-cost' });
    await page.getByRole('tab', { name: 'dear.ipynb' }).first().click();
    await panel.choose('A quick look');
    await panel.runNotebook.click();
    await expect.poll(async () => (await rest.jobs(PATH)).length).toBe(2);
    const [{ id, profile, resources }] = await rest.jobs(PATH);
    expect([profile, resources.cores]).toEqual(['compute-cost.quick-look', 1]);
    await rest.until(id, 'succeeded');
    await lab.menu('Settings', 'Manage profiles…');
    const list = page.getByRole('list', { name: 'Profiles', exact: true });
    const entry = list.getByRole('listitem', { name: 'A quick look' });
    await expect(entry).toContainText('Added by compute-cost');
    await page.screenshot({ path: info.outputPath('profile-added.png') });
    await entry.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(entry).toHaveCount(0);
  });
});
