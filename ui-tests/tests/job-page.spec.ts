import type { Locator, Page } from '@playwright/test';

import { expect, test } from '../lab';
import { code, patient } from '../rest';

const detailsOf = (page: Page): Locator => page.locator('.jp-Compute-details:visible');

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

  for (const name of ['Log', 'Resources', 'Files', 'Script']) {
    await tab(name).click();
    await expect(tab(name)).toHaveAttribute('aria-selected', 'true');
    expect.soft(await panel.findings('.jp-Compute-details'), name).toEqual([]);
  }
  await details.getByRole('button', { name: 'Timeline' }).click();
  await expect(details.getByRole('region', { name: 'Timeline' })).toContainText('In the queue');
  expect.soft(await panel.findings('.jp-Compute-details'), 'timeline').toEqual([]);
  await tab('Log').click();
  await expect(details).toContainText('from the first cell');
  await tab('Files').click();
  await expect(details.getByRole('link', { name: 'job.sh' })).toBeVisible();
  await tab('Script').click();
  await expect(details).toContainText('#!/bin/');
});

test('a job that was killed for its memory is run again with more by one click', async ({
  lab,
  page,
  panel,
  rest
}) => {
  await rest.clear();
  await rest.save('page/hungry.ipynb', [code('hay = bytearray(900 * 1024 * 1024)\nlen(hay)')]);
  await lab.open();
  await panel.open();
  const job = await rest.run('page/hungry.ipynb', {
    name: 'hungry',
    resources: { memory_mb: 512 }
  });
  await rest.until(job.id, 'failed');
  await panel.row(job).click();
  const details = detailsOf(page);
  const callout = details.locator('.jp-Compute-callout');
  await expect(callout).toContainText('512 MiB');
  await callout.getByRole('button', { name: 'Run again with 1 GiB' }).click();
  await expect(details.getByRole('button', { name: 'repeats this job' })).toBeVisible();
  await expect(details.locator('.jp-Compute-pill')).toHaveText('Done');
  const [again] = await rest.jobs('page/hungry.ipynb');
  expect(again.resources.memory_mb).toBe(1024);
  expect(again.retry_of).toBe(job.id);
  await rest.clear();
});

test('two runs of a notebook are compared, and what they used, left and are is shown', async ({
  lab,
  page,
  panel,
  rest
}) => {
  await rest.clear();
  await rest.save('page/twice.ipynb', [
    code('depth = 1', 'given', ['parameters']),
    code('print("as always")\nprint("depth", depth)', 'shown')
  ]);
  await lab.open();
  await panel.open();
  const first = await rest.run('page/twice.ipynb', { name: 'first', parameters: { depth: 2 } });
  await rest.until(first.id);
  const second = await rest.run('page/twice.ipynb', { name: 'second', parameters: { depth: 3 } });
  await rest.until(second.id);
  await panel.row(second).click();
  const details = detailsOf(page);
  const tab = (name: string) => details.getByRole('tab', { name });
  await tab('Compare').click();
  await expect(details.getByLabel('Compare with')).toHaveValue(first.id);
  await expect(details.getByRole('row', { name: /^Parameter depth/ })).toContainText('32');
  await expect(details.getByLabel('Output of this run')).toHaveText('as always\ndepth 3\n');
  await expect(details.getByLabel('Output of the other run').locator('[data-only]')).toHaveText(
    'depth 2\n'
  );
  expect.soft(await panel.findings('.jp-Compute-details'), 'compare').toEqual([]);

  await tab('Resources').click();
  await expect(details.getByRole('img', { name: /^Memory over / })).toBeVisible();
  expect.soft(await panel.findings('.jp-Compute-details'), 'resources').toEqual([]);

  await tab('Files').click();
  await details.getByRole('button', { name: 'Preview job.json' }).click();
  await expect(details.getByRole('region', { name: 'Preview of job.json' })).toContainText(
    second.id
  );
  expect.soft(await panel.findings('.jp-Compute-details'), 'preview').toEqual([]);

  await tab('Record').click();
  await expect(details.getByRole('tabpanel', { name: 'Record' })).toContainText(
    `"id": "${second.id}"`
  );
  expect.soft(await panel.findings('.jp-Compute-details'), 'record').toEqual([]);
  await rest.clear();
});

test('the tabs of a job are there for the keyboard alone', async ({ lab, page, panel, rest }) => {
  await rest.clear();
  await rest.save('page/keys.ipynb', [code('print("one")')]);
  await lab.open();
  await panel.open();
  const job = await rest.run('page/keys.ipynb', { name: 'keys' });
  await rest.until(job.id);
  await panel.row(job).focus();
  await page.keyboard.press('Enter');
  const details = detailsOf(page);
  const tab = (name: string) => details.getByRole('tab', { name });
  await tab('Outputs').focus();
  await page.keyboard.press('ArrowRight');
  await expect(tab('Log')).toBeFocused();
  await expect(tab('Log')).toHaveAttribute('aria-selected', 'true');
  await expect(details.getByRole('tabpanel', { name: 'Log' })).toContainText('one');
  await details.getByRole('region', { name: 'Lines of the log' }).focus();
  await page.keyboard.press('Control+f');
  await expect(details.getByRole('searchbox', { name: 'Search in the log' })).toBeFocused();
  await page.keyboard.type('one');
  await page.keyboard.press('Enter');
  await expect(details.getByText('1 of 1')).toBeVisible();
  await tab('Log').focus();
  await page.keyboard.press('End');
  await expect(tab('Record')).toBeFocused();
  await page.keyboard.press('Home');
  await expect(tab('Outputs')).toBeFocused();
  await rest.clear();
});

test('a log of a gigabyte is read where one looks, and only there', async ({
  lab,
  page,
  panel,
  rest,
  world
}) => {
  await rest.clear();
  await rest.save('page/long.ipynb', [code('print("short")')]);
  await lab.open();
  await panel.open();
  const job = await rest.run('page/long.ipynb', { name: 'long' });
  await rest.until(job.id);
  world.fillLog(job, 1_000_000_000);
  let bytes = 0;
  page.on('response', response => {
    if (response.url().includes('/log?')) {
      bytes += Number(response.headers()['content-length'] ?? 0);
    }
  });
  await panel.row(job).click();
  const details = detailsOf(page);
  await details.getByRole('tab', { name: 'Log' }).click();
  const log = details.getByRole('region', { name: 'Lines of the log' });
  await expect(log).toContainText('the last line');
  const earlier = details.getByRole('button', { name: /before this are not loaded/ });
  await expect(earlier).toContainText('1000 MB');
  expect(bytes).toBeLessThan(1_000_000);

  const lines = () => log.evaluate(node => node.textContent!.length);
  for (let times = 0; times < 12; times++) {
    const before = bytes;
    await earlier.click();
    await expect.poll(() => bytes).toBeGreaterThan(before);
  }
  await expect(log).not.toContainText('the last line');
  expect(await lines()).toBeLessThan(3_000_000);
  await details.getByRole('button', { name: 'Jump to the end' }).click();
  await expect(log).toContainText('the last line');
  await details.getByRole('searchbox', { name: 'Search in the log' }).fill('the last line');
  await expect(details.getByRole('status').filter({ hasText: 'in the part shown' })).toHaveText(
    '1 of 1 in the part shown'
  );
  await rest.clear();
});
