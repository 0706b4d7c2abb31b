import { chmodSync } from 'node:fs';
import { join } from 'node:path';

import type { Lab } from '../lab';
import { expect, test } from '../lab';
import { code, type Job, type Rest } from '../rest';

const PATH = 'entry/points.ipynb';

/** Do it, and return the one job that came of it. */
async function jobOf(rest: Rest, path: string, act: () => Promise<void>): Promise<Job> {
  const before = (await rest.jobs(path)).map(({ id }) => id);
  await act();
  const fresh = async () => (await rest.jobs(path)).filter(({ id }) => !before.includes(id));
  await expect.poll(async () => (await fresh()).length).toBe(1);
  return rest.job((await fresh())[0].id);
}

const chosen = ({ source }: Job) =>
  source.cells.filter(({ role }) => role === 'selected').map(({ id }) => id);

/** In the palette, as one would find it by typing. */
async function fromPalette(lab: Lab, words: string): Promise<void> {
  await lab.palette(words);
  await lab.page
    .locator('.lm-CommandPalette-item:visible')
    .filter({ hasText: words })
    .first()
    .click();
}

test('every way to run starts the job that it says', async ({
  lab,
  notebook,
  page,
  panel,
  rest
}) => {
  await rest.clear();
  await rest.save(PATH, [code('1', 'first'), code('2', 'second'), code('3', 'third')]);
  await lab.open(PATH);
  await notebook.ready(3);
  await panel.open();
  await notebook.select(1);
  const start = (act: () => Promise<void>) => jobOf(rest, PATH, act);
  const button = notebook.toolbar.getByRole('button', { name: 'Run on This machine' });
  const menu = notebook.toolbar.getByRole('button', { name: 'Choose what to run, and where' });
  const item = (name: string) =>
    page.locator('.lm-Menu-item:visible').filter({ hasText: name }).first();
  const ways: Record<string, [act: () => Promise<void>, cells: string[] | 'all']> = {
    'the toolbar': [() => button.click(), ['second']],
    "the toolbar's menu": [
      async () => {
        await menu.click();
        await item('Run notebook on This machine').click();
      },
      'all'
    ],
    "the cell's toolbar": [
      () => notebook.cell(1).locator('.jp-cell-toolbar [data-command="compute:run-cells"]').click(),
      ['second']
    ],
    "the cell's context menu": [
      async () => {
        await notebook.cell(1).locator('.jp-InputPrompt').click({ button: 'right' });
        await item('Run 1 cell on This machine').click();
      },
      ['second']
    ],
    "the notebook's context menu": [
      async () => {
        await notebook.cell(1).locator('.jp-InputPrompt').click({ button: 'right' });
        await item('Run notebook on This machine').click();
      },
      'all'
    ],
    'the palette': [() => fromPalette(lab, 'Run 1 cell on This machine'), ['second']],
    'the Run menu': [() => lab.menu('Run', 'Run notebook on This machine'), 'all'],
    'the shortcut for cells': [
      async () => {
        await notebook.select(0, 1);
        await page.keyboard.press('Control+Alt+Enter');
      },
      ['first', 'second']
    ],
    'the shortcut for the notebook': [() => page.keyboard.press('Control+Alt+Shift+Enter'), 'all'],
    "the panel's button for cells": [
      async () => {
        await notebook.select(2);
        await panel.runCells.click();
      },
      ['third']
    ],
    "the panel's button for the notebook": [() => panel.runNotebook.click(), 'all']
  };
  for (const [name, [act, cells]] of Object.entries(ways)) {
    await test.step(name, async () => {
      const job = await start(act);
      expect(job.profile).toBe('this-machine');
      expect(job.source.kind).toBe(cells === 'all' ? 'notebook' : 'cells');
      expect(chosen(job)).toEqual(cells === 'all' ? ['first', 'second', 'third'] : cells);
    });
  }
  await test.step('the file browser', async () => {
    await page.getByRole('tab', { name: /^File Browser/ }).click();
    const file = page.locator('.jp-DirListing-item').filter({ hasText: 'points.ipynb' });
    const job = await start(async () => {
      await file.click({ button: 'right' });
      await item('Run on This machine').click();
    });
    expect(job.source.kind).toBe('notebook');
    expect(chosen(job)).toEqual(['first', 'second', 'third']);
  });
  await test.step('again, from the row', async () => {
    await panel.open();
    await panel.search.fill('points');
    // The first that is done: the others wait for each other.
    const done = panel.inState('succeeded').last();
    await expect(done).toBeVisible();
    const row = panel.row({ id: (await done.getAttribute('data-id'))! });
    const job = await start(async () => (await panel.action(row, 'Run again')).click());
    expect(job.retry_of).not.toBeNull();
  });
  await rest.clear();
});

test('a notebook that has neither name nor been saved', async ({ lab, notebook, page, panel }) => {
  await lab.open();
  await page.locator('.jp-LauncherCard[data-category="Notebook"]', { hasText: 'Python 3' }).click();
  await notebook.ready(1);
  await expect(notebook.tab).toContainText('Untitled');
  await panel.open();
  await notebook.type(0, 'print("never", "saved")');
  await panel.runCells.click();
  await expect(notebook.output(0)).toContainText('never saved');
  await expect(notebook.tab).toContainText('Untitled');
});

test('a notebook that may not be written', async ({ lab, notebook, panel, rest, world }) => {
  await rest.save('entry/read-only.ipynb', [code('print("read", "only")')]);
  chmodSync(join(world.facts.notebooks, 'entry/read-only.ipynb'), 0o444);
  await lab.open('entry/read-only.ipynb');
  await notebook.ready(1);
  await panel.open();
  await notebook.select(0);
  await panel.runCells.click();
  await expect(notebook.output(0)).toContainText('read only');
  await panel.runNotebook.click();
  await panel.sees(panel.row('read-only.ipynb').first(), 'succeeded');
  expect(world.read('entry/read-only.ipynb')).not.toContain('execution_state');
});

test('a notebook that is not Python runs in its own kernel, with all cells above', async ({
  lab,
  notebook,
  page,
  panel,
  rest
}) => {
  await rest.save('entry/other.ipynb', [code('one', 'one'), code('two', 'two')], 'echo');
  await lab.open('entry/other.ipynb');
  await notebook.ready(2);
  await panel.open();
  await notebook.select(1);
  await panel.runCells.click();
  await expect(notebook.output(1)).toContainText('echo: two');
  const [job] = await rest.jobs('entry/other.ipynb');
  expect(job.kernel).toBe('echo');
  expect(job.before).toBe('above');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
