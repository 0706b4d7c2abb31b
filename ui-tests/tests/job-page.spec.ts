import { expect, test } from '../lab';
import { code, patient } from '../rest';

test('a job opens in the main area: outputs and log as they come, script and files, nothing for axe', async ({
  lab,
  page,
  panel,
  rest,
  world
}) => {
  await rest.clear();
  await rest.save('page/work.ipynb', [
    code('print("from the first cell")'),
    code(patient('page.gate')),
    code('{}["missing"]')
  ]);
  await lab.open();
  await panel.open();
  const job = await rest.run('page/work.ipynb', { name: 'simulate' });
  await panel.sees(panel.row(job), 'running');
  await panel.row(job).click();
  const details = page.locator('.jp-Compute-details');
  const tab = (name: string) => details.getByRole('tab', { name });
  await expect(details.getByRole('heading')).toContainText('simulate');
  await expect(details).toContainText('from the first cell');
  await expect(details).toContainText('it began');
  await expect(details).not.toContainText('it went on');
  world.openGate('page/page.gate');
  await expect(details).toContainText('it went on');
  await expect(details).toContainText('KeyError');
  await expect(details).toContainText('Failed');
  expect.soft(await panel.findings('.jp-Compute-details'), 'outputs').toEqual([]);

  for (const name of ['Log', 'Files', 'Script']) {
    await tab(name).click();
    await expect(tab(name)).toHaveAttribute('aria-selected', 'true');
    expect.soft(await panel.findings('.jp-Compute-details'), name).toEqual([]);
  }
  await tab('Log').click();
  await expect(details).toContainText('from the first cell');
  await tab('Files').click();
  await expect(details.getByRole('link', { name: 'job.sh' })).toBeVisible();
  await tab('Script').click();
  await expect(details).toContainText('#!/bin/');
});
