import type { Locator, Page } from '@playwright/test';

import { expect, test } from '../lab';
import { code, patient } from '../rest';

const SLEEP = 'import time\ntime.sleep(600)';
/** Light comes last: other stories begin with it. */
const THEMES = { dark: 'JupyterLab Dark', light: 'JupyterLab Light' };

/** Drag as a hand does: Lumino follows the pointer's way, not its two ends. */
async function drag(page: Page, from: Locator, ...over: Locator[]): Promise<void> {
  await from.hover();
  await page.mouse.down();
  for (const place of over) {
    const box = (await place.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 8 });
  }
}

test('the status bar says what runs and waits, as it changes, without a panel or a click', async ({
  lab,
  page,
  panel,
  rest,
  world
}, info) => {
  await rest.clear();
  await rest.save('around/long.ipynb', [code(SLEEP)]);
  await rest.save('around/short.ipynb', [code(patient('short.gate'))]);
  const asked: string[] = [];
  page.on('request', request => {
    if (request.url().includes('/compute/api/')) {
      asked.push(new URL(request.url()).search.replace(/&?\d{13}$/, ''));
    }
  });
  await lab.open();
  const status = page.locator('#jp-main-statusbar').getByRole('button', { name: /^Compute:/ });
  // One small question, and no more while there is nothing to tell.
  await expect.poll(() => asked).toEqual(['?limit=1']);
  await expect(status).toHaveCount(0);

  const first = await rest.run('around/short.ipynb', { resources: { cores: 2 } });
  await expect(status).toHaveText('1 running');
  const second = await rest.run('around/long.ipynb', { resources: { cores: 2 } });
  await expect(status).toHaveText('1 running, 1 queued');
  for (const [name, theme] of Object.entries(THEMES)) {
    await lab.theme(theme);
    const path = info.outputPath(`status-${name}.png`);
    await page.locator('#jp-main-statusbar').screenshot({ path });
  }
  world.openGate('around/short.gate');
  await rest.until(first.id);
  await expect(status).toHaveText('1 running');
  await status.click();
  await panel.sees(panel.row(second), 'running');
  expect.soft(await panel.findings('.jp-Compute-status')).toEqual([]);

  // What was left running is there again after a reload.
  await lab.reload();
  await expect(status).toHaveText('1 running');
  await rest.cancel(second.id);
  await rest.until(second.id);
  await expect(status).toHaveCount(0);
});

test('the Running panel lists active jobs, opens and cancels one, and cancels all after a question', async ({
  lab,
  page,
  rest
}, info) => {
  await rest.clear();
  await rest.save('around/long.ipynb', [code(SLEEP)]);
  const running = await rest.run('around/long.ipynb', { name: 'train', resources: { cores: 2 } });
  const queued = await rest.run('around/long.ipynb', { name: 'then', resources: { cores: 2 } });
  const other = await rest.run('around/long.ipynb', { name: 'at last', resources: { cores: 2 } });
  await rest.until(running.id, 'running');
  await lab.open();
  await page.getByRole('tab', { name: /^Running/ }).click();
  // What JupyterLab lists under Open Tabs may bear the same name.
  const item = (name: string) => page.locator('.jp-Compute-runningItem', { hasText: name });
  await expect(item('train')).toContainText('Running');
  await expect(item('then')).toContainText('Waiting');
  for (const [name, theme] of Object.entries(THEMES)) {
    await lab.theme(theme);
    await page.screenshot({ path: info.outputPath(`running-${name}.png`) });
  }
  await item('train').locator('.jp-RunningSessions-itemLabel').click();
  await expect(page.locator('.jp-Compute-details').getByRole('heading')).toContainText('train');

  await item('then').hover();
  await item('then').getByTitle('Cancel').click();
  await expect(item('then')).toHaveCount(0);
  expect((await rest.until(queued.id)).state).toBe('cancelled');

  await page.getByRole('button', { name: 'Cancel All' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('All jobs that run or wait are cancelled.');
  await dialog.getByRole('button', { name: 'Cancel All' }).click();
  expect((await rest.until(running.id)).state).toBe('cancelled');
  expect((await rest.until(other.id)).state).toBe('cancelled');
  await expect(item('train')).toHaveCount(0);
});

test("a job's page has an address: it survives a reload, opens elsewhere, and says when the job is gone", async ({
  browser,
  lab,
  page,
  panel,
  rest,
  world
}) => {
  await rest.clear();
  await rest.save('around/work.ipynb', [code('print("found again")')]);
  const job = await rest.run('around/work.ipynb', { name: 'simulate' });
  await rest.until(job.id);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await lab.open();
  await panel.open();
  await panel.row(job).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Copy link' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(`${world.facts.url}lab?compute-job=${job.id}`);

  const details = (of: Page) => of.locator('.jp-Compute-details');
  await panel.row(job).click();
  await expect(details(page)).toContainText('found again');
  await expect(page).toHaveURL(new RegExp(`compute-job=${job.id}`));
  await lab.reload();
  await expect(details(page)).toContainText('found again');
  const tab = page.locator('.lm-DockPanel-tabBar').getByRole('tab', { name: 'simulate' });
  await tab.click({ button: 'right' });
  await expect(page.getByRole('menuitem', { name: 'Copy link' })).toBeVisible();
  await page.keyboard.press('Escape');
  await tab.locator('.lm-TabBar-tabCloseIcon').click();
  await expect(page).not.toHaveURL(/compute-job/);

  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await other.goto(`${link}&token=${world.facts.token}`);
  await expect(details(other)).toContainText('found again');
  await expect(other).toHaveURL(new RegExp(`compute-job=${job.id}`));
  await rest.clear();
  await other.reload();
  await expect(other.getByRole('dialog')).toContainText('This job is gone');
  await other.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await expect(details(other)).toHaveCount(0);
  await expect(other).not.toHaveURL(/compute-job/);
  await elsewhere.close();
});

test('a notebook is dragged from the file browser onto the tab or the panel, and wears a badge while it runs', async ({
  lab,
  page,
  panel,
  rest,
  world
}, info) => {
  await rest.clear();
  await rest.save('dragged/work.ipynb', [code(patient('drag.gate'))]);
  await rest.save('dragged/idle.ipynb', [code('1')]);
  world.write('dragged/notes.txt', 'no notebook');
  await lab.open('dragged/notes.txt');
  const files = page.locator('#filebrowser');
  const file = (name: string) => files.locator('.jp-DirListing-item', { hasText: name });
  const tab = page.locator('.jp-SideBar').getByRole('tab', { name: /^Compute/ });
  await expect(file('work.ipynb')).toBeVisible();

  // A text file is not taken.
  await drag(page, file('notes.txt'), tab);
  await expect(tab).not.toHaveClass(/jp-mod-dropTarget/);
  await page.mouse.up();

  await drag(page, file('work.ipynb'), tab);
  await expect(tab).toHaveClass(/jp-mod-dropTarget/);
  await page.mouse.up();
  await expect(file('work.ipynb')).toHaveAttribute('data-jp-compute', 'running');
  await expect(file('idle.ipynb')).not.toHaveAttribute('data-jp-compute');
  const mark = file('work.ipynb').locator('.jp-DirListing-itemIcon');
  await expect(mark).toHaveAttribute('title', 'Compute: 1 job runs');
  await expect(file('work.ipynb').locator('.jp-DirListing-itemText')).toHaveAttribute(
    'aria-description',
    'Compute: 1 job runs'
  );
  for (const [name, theme] of Object.entries(THEMES)) {
    await lab.theme(theme);
    await file('idle.ipynb').click();
    await files.screenshot({ path: info.outputPath(`badge-${name}.png`) });
  }

  // Another folder has other files; the badge belongs to the path, not to the row.
  await files.getByTitle('/', { exact: false }).first().click();
  await expect(file('dragged')).toBeVisible();
  await expect(files.locator('[data-jp-compute]')).toHaveCount(0);
  await file('dragged').dblclick();
  await expect(file('work.ipynb')).toHaveAttribute('data-jp-compute', 'running');

  // One rests on the tab: the panel opens and takes it.
  await drag(page, file('work.ipynb'), tab);
  await expect(panel.root).toBeVisible();
  const box = (await panel.root.boundingBox())!;
  await page.mouse.move(box.x + 80, box.y + 300, { steps: 8 });
  await expect(panel.root).toHaveClass(/jp-mod-dropTarget/);
  await page.screenshot({ path: info.outputPath('drop.png') });
  await page.mouse.up();
  await expect(panel.root).not.toHaveClass(/jp-mod-dropTarget/);
  await expect(panel.rows).toHaveCount(2);
  world.openGate('dragged/drag.gate');
  await expect(panel.inState('succeeded')).toHaveCount(2);
  await page
    .locator('.jp-SideBar')
    .getByRole('tab', { name: /^File Browser/ })
    .click();
  await expect(file('work.ipynb')).not.toHaveAttribute('data-jp-compute');
});

test('the launcher has a card: choose a notebook and run it', async ({
  lab,
  page,
  panel,
  rest
}) => {
  await rest.clear();
  await rest.save('around/work.ipynb', [code('print("from the launcher")')]);
  await lab.open();
  await page.locator('.jp-LauncherCard', { hasText: 'Run a notebook elsewhere…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Notebook to run');
  await dialog.locator('.jp-DirListing-item', { hasText: 'around' }).dblclick();
  await dialog.locator('.jp-DirListing-item', { hasText: 'work.ipynb' }).click();
  await dialog.getByRole('button', { name: 'Select' }).click();
  await expect(dialog).toContainText('work.ipynb');
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  await panel.sees(panel.rows.first(), 'succeeded');
});
