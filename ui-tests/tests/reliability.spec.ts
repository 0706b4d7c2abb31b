import { Lab, expect, test as base } from '../lab';
import { code, patient } from '../rest';
import { World } from '../world';

let own: World;

/** These stories end the server, so they have one of their own; the browser is that of all stories. */
const test = base.extend({ world: async ({}, use) => use(own) });

test.beforeAll(async () => {
  own = await World.start();
});

test.afterAll(() => own.end());

test('the server is killed while cells run: the job goes on, and is found with all its outputs', async ({
  lab,
  notebook,
  page,
  panel,
  rest,
  world
}) => {
  await rest.save('killed.ipynb', [code(patient('killed.gate')), code('print("after it")')]);
  await lab.open('killed.ipynb');
  await notebook.ready(2);
  await panel.open();
  await notebook.select(0, 1);
  await panel.runCells.click();
  await expect(notebook.output(0)).toHaveText('it began');
  const [{ id }] = await rest.jobs('killed.ipynb');

  world.killServer();
  world.startServer();
  page.on('dialog', dialog => dialog.accept());
  await lab.reload();
  await panel.open();
  await panel.sees(panel.row({ id }), 'running');
  await expect(notebook.output(0)).toHaveText('it began');
  world.openGate('killed.gate');
  await expect(notebook.output(0)).toContainText('it went on');
  await expect(notebook.output(1)).toContainText('after it');
  await panel.sees(panel.row({ id }), 'succeeded');
  await expect(notebook.output(0)).toHaveText('it began\nit went on');
  expect((await rest.jobs('killed.ipynb')).length).toBe(1);
  expect((await rest.job(id)).attempt).toBe(1);
});

test('the server is killed and started again: the job can be cancelled from the panel', async ({
  lab,
  page,
  panel,
  rest,
  world
}) => {
  await rest.clear();
  await rest.save('cancelled.ipynb', [code(patient('never.gate'))]);
  const { id } = await rest.run('cancelled.ipynb');
  await rest.until(id, 'running');
  world.killServer();
  world.startServer();
  await lab.open();
  await panel.open();
  const row = panel.row({ id });
  await panel.sees(row, 'running');
  await expect(row).toContainText('cell 1 of 1');
  await (await panel.action(row, 'Cancel')).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
  await panel.sees(row, 'cancelled');
  await expect(row).toContainText('Cancelled by you after');
});

test('the server goes away and comes back under an open page: it says so, then goes on by itself', async ({
  lab,
  panel,
  rest,
  world
}) => {
  await rest.clear();
  await rest.save('away.ipynb', [code(patient('never.gate'))]);
  const { id } = await rest.run('away.ipynb');
  await lab.open();
  await panel.open();
  await panel.sees(panel.row({ id }), 'running');
  world.killServer();
  await panel.root.getByRole('button', { name: 'Refresh' }).click();
  await expect(panel.root.getByText('What you see may be old.')).toBeVisible();
  await expect(panel.row({ id })).toBeVisible();
  world.startServer();
  await expect(panel.root.getByText('What you see may be old.')).toHaveCount(0, {
    timeout: 15_000
  });
  await panel.sees(panel.row({ id }), 'running');
  await rest.clear();
});

test('two windows show the same, without being reloaded', async ({
  context,
  lab,
  page,
  panel,
  rest,
  world
}) => {
  await rest.clear();
  await rest.save('shared.ipynb', [code(patient('never.gate'))]);
  await lab.open('shared.ipynb');
  await lab.notebook.ready(1);
  await panel.open();
  const other = new Lab(await context.newPage(), world);
  await other.open();
  await other.panel.open();
  await expect(other.panel.root).toContainText('No jobs yet.');

  await page.bringToFront();
  await panel.runNotebook.click();
  await panel.sees(panel.row('shared.ipynb'), 'running');
  await other.page.bringToFront();
  await other.panel.sees(other.panel.row('shared.ipynb'), 'running');
  await (await other.panel.action(other.panel.row('shared.ipynb'), 'Cancel')).click();
  await other.page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
  await other.panel.sees(other.panel.row('shared.ipynb'), 'cancelled');
  await page.bringToFront();
  await panel.sees(panel.row('shared.ipynb'), 'cancelled');
});
