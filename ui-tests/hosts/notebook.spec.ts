import { code, patient } from '../rest';
import { expect, Tab, test } from './host';

test('a page of a notebook runs cells, and has the list and the job', async ({
  host,
  page,
  rest
}) => {
  await rest.save('work.ipynb', [code(patient('work.gate')), code('print("and", "done")')]);
  const tab = new Tab(page, host.url);
  const { notebook, panel } = tab;
  await page.goto(`${host.url}notebooks/work.ipynb?token=${host.token}`);
  await expect(notebook.cells).toHaveCount(2, { timeout: 60_000 });

  await notebook.select(0, 1);
  const button = notebook.toolbar.getByRole('button', { name: 'Run on This machine' });
  await button.first().click();
  await expect(notebook.badge(0)).toHaveAttribute('data-state', 'running');
  await expect(notebook.output(0)).toHaveText('it began');
  host.openGate('work.gate');
  await expect(notebook.output(0)).toHaveText('it began\nit went on');
  await expect(notebook.output(1)).toHaveText('and done');

  await page.getByRole('menuitem', { name: 'View' }).click();
  await page.getByRole('menuitem', { name: 'Show Compute' }).click();
  await expect(panel.inState('succeeded')).toHaveCount(1);
  await panel.rows.first().dblclick();
  await expect(page.getByRole('heading', { name: 'work, 2 cells' })).toBeVisible();
  await expect(notebook.cells).toHaveCount(2);
  expect(tab.complaints).toEqual([]);
  expect(host.complaints).toEqual([]);
});

test('the page of files has the list', async ({ host, page, rest }) => {
  await rest.save('other.ipynb', [code(patient('other.gate'))]);
  const tab = new Tab(page, host.url);
  await page.goto(`${host.url}tree?token=${host.token}`);
  await expect(page.getByText('other.ipynb')).toBeVisible({ timeout: 60_000 });
  const { id } = await rest.run('other.ipynb');
  await page.getByRole('menuitem', { name: 'View' }).click();
  await page.getByRole('menuitem', { name: 'Show Compute' }).click();
  await tab.panel.sees(tab.panel.row({ id }), 'running');
  host.openGate('other.gate');
  await tab.panel.sees(tab.panel.row({ id }), 'succeeded');
  expect(tab.complaints).toEqual([]);
  expect(host.complaints).toEqual([]);
});
