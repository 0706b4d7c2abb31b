import { code, patient } from '../rest';
import { expect, test } from './host';

test('cells and a whole notebook run, and nobody complains', async ({ host, open, rest }) => {
  await rest.save('work.ipynb', [code(patient('work.gate')), code('print("and", "done")')]);
  const tab = await open('work.ipynb');
  const { notebook, panel } = tab;

  await notebook.select(0, 1);
  await panel.runCells.click();
  await expect(notebook.badge(0)).toHaveAttribute('data-state', 'running');
  await expect(notebook.output(0)).toHaveText('it began');
  host.openGate('work.gate');
  await expect(notebook.output(0)).toHaveText('it began\nit went on');
  await expect(notebook.output(1)).toHaveText('and done');

  await panel.runNotebook.click();
  await panel.sees(panel.row('work.ipynb'), 'succeeded');
  await expect(panel.inState('succeeded')).toHaveCount(2);
  expect(tab.complaints).toEqual([]);
  expect(host.complaints).toEqual([]);
});
