import { expect, test } from '../lab';
import { code, patient } from '../rest';

test('outputs stream below the cells, come into the notebook once, and are saved with it', async ({
  lab,
  notebook,
  page,
  panel,
  rest,
  world
}) => {
  await rest.save('cells/stream.ipynb', [
    code(patient('stream.gate')),
    code('print("and", "done")'),
    code('1')
  ]);
  await lab.open('cells/stream.ipynb');
  await notebook.ready(3);
  await panel.open();
  const claims: string[] = [];
  page.on('request', request => {
    if (request.url().includes('/applied')) {
      claims.push(request.postData() ?? '');
    }
  });
  await notebook.settle();
  await notebook.countDirty();
  await notebook.select(0, 1);
  await expect(panel.runCells).toHaveText('Run 2 cells');
  await panel.runCells.click();

  await expect(notebook.badge(0)).toBeVisible();
  await expect(notebook.badge(1)).toBeVisible();
  await expect(notebook.badge(2)).toHaveCount(0);
  await expect(notebook.output(0)).toHaveText('it began');
  await expect(notebook.badge(0)).toHaveAttribute('data-state', 'running');
  await notebook.clean();

  world.openGate('cells/stream.gate');
  await expect(notebook.output(0)).toContainText('it went on');
  await expect(notebook.output(1)).toContainText('and done');
  await notebook.dirty();
  await expect(notebook.output(0)).toHaveText('it began\nit went on');
  expect(await notebook.timesDirty()).toBe(1);
  await expect.poll(() => claims.filter(claim => claim.includes('"done":true'))).toHaveLength(1);

  await notebook.save();
  const { cells } = JSON.parse(world.read('cells/stream.ipynb')) as {
    cells: { outputs: { text: string[] }[] }[];
  };
  expect(cells[0].outputs).toHaveLength(1);
  expect([cells[0].outputs[0].text].flat().join('')).toBe('it began\nit went on\n');
  expect([cells[1].outputs[0].text].flat().join('')).toBe('and done\n');
  expect(cells[2].outputs).toEqual([]);
  expect(await notebook.timesDirty()).toBe(1);
});

test('the notebook stays usable while its cells run elsewhere', async ({
  lab,
  notebook,
  page,
  panel,
  rest,
  world
}) => {
  await rest.save('cells/usable.ipynb', [code(patient('usable.gate')), code('')]);
  await lab.open('cells/usable.ipynb');
  await notebook.ready(2);
  await panel.open();
  await notebook.select(0);
  await panel.runCells.click();
  await expect(notebook.output(0)).toHaveText('it began');
  await notebook.type(1, 'print("here:", 6 * 7)');
  await page.keyboard.press('Control+Enter');
  await expect(notebook.output(1)).toContainText('here: 42');
  await expect(notebook.output(0)).toHaveText('it began');
  world.openGate('cells/usable.gate');
  await expect(notebook.output(0)).toContainText('it went on');
  await panel.sees(panel.rows.first(), 'succeeded');
  await expect(notebook.output(1)).toContainText('here: 42');
});

test('the cells above that are needed are listed, run first, and their outputs stay away', async ({
  lab,
  notebook,
  page,
  panel,
  rest
}) => {
  await rest.clear();
  await rest.save('cells/needs.ipynb', [
    code('base = 40\nprint("base is made")', 'makes-base'),
    code('print("not needed")', 'not-needed'),
    code('print("sum:", base + 2)', 'wanted')
  ]);
  await lab.open('cells/needs.ipynb');
  await notebook.ready(3);
  await panel.open();
  await notebook.select(2);
  await panel.runCells.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Run 1 cell on This machine');
  await expect(dialog.getByRole('checkbox', { name: /base = 40/ })).toBeChecked();
  await expect(dialog.getByRole('checkbox', { name: /not needed/ })).not.toBeChecked();
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(notebook.output(2)).toContainText('sum: 42');
  await expect(notebook.output(0)).toHaveCount(0);
  const [job] = await rest.jobs('cells/needs.ipynb');
  expect(job.before).toBe('needed');
  expect(job.source.cells.map(({ id, role }) => `${role} ${id}`)).toEqual([
    'before makes-base',
    'selected wanted'
  ]);
});
