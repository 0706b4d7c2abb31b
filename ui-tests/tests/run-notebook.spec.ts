import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '../lab';
import { code } from '../rest';

test('the first notebook runs on this machine, is watched to its end, and its result opened', async ({
  lab,
  notebook,
  page,
  panel,
  rest,
  world
}) => {
  await rest.clear();
  const before = world.read('first-steps.ipynb');
  await lab.open('first-steps.ipynb');
  await panel.open();
  await page.evaluate(() => Object.assign(window, { __samePage: true }));
  await panel.runNotebook.click();
  const row = panel.row('first-steps.ipynb');
  await panel.sees(row, 'running');
  await expect(row).toContainText('Running on');
  await expect(row).toContainText(/cell \d of 4/);
  await panel.sees(row, 'succeeded');
  await expect(row).toContainText(/Done in 0:\d\d/);
  expect(await page.evaluate(() => '__samePage' in window)).toBe(true);

  expect(world.read('first-steps.ipynb')).toBe(before);
  const [job] = await rest.jobs('first-steps.ipynb');
  expect(job.landed).toMatch(/^runs\/first-steps.*\.ipynb$/);
  await (await panel.action(row, 'Open result')).click();
  await expect(notebook.tab).toContainText(job.landed!.replace('runs/', ''));
  await expect(notebook.root.locator('.jp-OutputArea table')).toContainText('Cores');
  await expect(notebook.root.locator('.jp-OutputArea-output')).toContainText([/100%\s+π ≈ 3\.1/]);
});

test('what ran before is never overwritten, and what is not saved runs too', async ({
  lab,
  notebook,
  panel,
  rest,
  world
}) => {
  await rest.clear();
  await rest.save('twice/answer.ipynb', [code('print("as saved")')]);
  await lab.open('twice/answer.ipynb');
  await notebook.ready(1);
  await panel.open();
  await panel.runNotebook.click();
  await notebook.type(0, 'print("as it stands" + " in the editor")');
  await panel.runNotebook.click();
  await expect(panel.rows).toHaveCount(2);
  await panel.sees(panel.rows.nth(0), 'succeeded');
  await panel.sees(panel.rows.nth(1), 'succeeded');

  const folder = 'twice/runs';
  const results = readdirSync(join(world.facts.notebooks, folder));
  expect(results).toHaveLength(2);
  const texts = results.map(name => world.read(`${folder}/${name}`)).join('\n');
  expect(texts).toContain('"as saved\\n"');
  expect(texts).toContain('"as it stands in the editor\\n"');
  await notebook.dirty();
  expect(world.read('twice/answer.ipynb')).not.toContain('stands');
});
