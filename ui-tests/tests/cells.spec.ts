import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, Lab, test } from '../lab';
import { code } from '../rest';
import type { World } from '../world';

/** Prints until the story lets it end, however slow the machine is. */
const steps = [
  'import os, time',
  'step = 0',
  'while not os.path.exists(f"{name}.go"):',
  '    print("step", step, flush=True)',
  '    step += 1',
  '    time.sleep(0.4)',
  'print("the end")'
];

function until(name: string): string {
  return [`name = "${name}"`, ...steps].join('\n');
}

function letEnd(world: World, name: string): void {
  writeFileSync(join(world.facts.notebooks, 'live', `${name}.go`), '');
}

const LAST = 'the end';

/** The notebook holds one copy of what the cell printed. */
function once(text: string): void {
  expect(text.match(/step 1\b/g)).toHaveLength(1);
}

test('a notebook that is closed while its cells run shows them again when it is opened', async ({
  lab,
  notebook,
  page,
  panel,
  rest,
  world
}) => {
  await rest.save('live/closed.ipynb', [code(until('closed'))]);
  await lab.open('live/closed.ipynb');
  await notebook.ready(1);
  await panel.open();
  await notebook.settle();
  await notebook.select(0);
  await panel.runCells.click();
  await expect(notebook.output(0)).toContainText('step 1');
  await notebook.clean();
  await notebook.root.locator('.jp-Notebook').focus();
  await page.keyboard.press('Alt+w');
  await expect(notebook.cells).toHaveCount(0);

  await page.getByRole('tab', { name: /^File Browser/ }).click();
  await page.locator('.jp-DirListing-item', { hasText: 'closed.ipynb' }).dblclick();
  await notebook.ready(1);
  await expect(notebook.output(0)).toContainText('step 1');
  await expect(notebook.badge(0)).toHaveAttribute('data-state', 'running');
  await expect(notebook.output(0)).toContainText('step 3');
  letEnd(world, 'closed');
  await expect(notebook.output(0)).toContainText(LAST);
  await expect(notebook.badge(0)).toHaveAttribute('data-state', 'done');
  once(await notebook.output(0).innerText());
  await notebook.dirty();
});

test('a page that is loaded anew while cells run goes on showing them', async ({
  lab,
  notebook,
  panel,
  rest,
  world
}) => {
  await rest.save('live/reload.ipynb', [code(until('reload'))]);
  await lab.open('live/reload.ipynb');
  await notebook.ready(1);
  await panel.open();
  await notebook.settle();
  await notebook.select(0);
  await panel.runCells.click();
  await expect(notebook.output(0)).toContainText('step 1');
  await lab.reload();
  await notebook.ready(1);
  await expect(notebook.output(0)).toContainText('step 3');
  await expect(notebook.cell(0).locator('.jp-cell-toolbar')).toBeVisible();
  await expect.poll(() => notebook.covered(0)).toBe(0);
  letEnd(world, 'reload');
  await expect(notebook.output(0)).toContainText(LAST);
  await notebook.dirty();
  once(await notebook.output(0).innerText());
});

test('of two windows with the same notebook one takes the outputs, the other shows them', async ({
  context,
  lab,
  notebook,
  panel,
  rest,
  world
}) => {
  await rest.save('live/two.ipynb', [code(until('two'))]);
  await lab.open('live/two.ipynb');
  await notebook.ready(1);
  await panel.open();
  await notebook.settle();
  await notebook.select(0);
  await panel.runCells.click();
  await expect(notebook.output(0)).toContainText('step 1');

  const other = new Lab(await context.newPage(), world);
  await other.open('live/two.ipynb');
  await other.notebook.ready(1);
  await expect(other.notebook.output(0)).toContainText('step 3');
  letEnd(world, 'two');

  const [job] = await rest.jobs('live/two.ipynb');
  await rest.until(job.id, 'succeeded');
  await expect.poll(async () => (await rest.job(job.id)).applied?.done).toBe(true);
  const badges = [notebook.badge(0), other.notebook.badge(0)];
  for (const badge of badges) {
    await expect(badge).toHaveAttribute('data-state', 'done');
  }
  const elsewhere = await Promise.all(
    badges.map(async badge => (await badge.innerText()).includes('kept in another window'))
  );
  expect(elsewhere.filter(Boolean)).toHaveLength(1);
  once(await notebook.output(0).innerText());
  once(await other.notebook.output(0).innerText());

  const [first, second] = elsewhere[0] ? [other, lab] : [lab, other];
  await second.page.bringToFront();
  const reload = second.notebook.badge(0).getByRole('button').first();
  await reload.click();
  const toasts = second.page.locator('.Toastify__toast');
  await expect(toasts.filter({ hasText: 'has not saved' })).toBeVisible();
  await first.page.bringToFront();
  await first.notebook.save();
  await second.page.bringToFront();
  await reload.click();
  await expect(second.notebook.badge(0)).not.toContainText('another window');
  await second.notebook.clean();
  once(await second.notebook.output(0).innerText());
});

test('a cell that was changed since keeps its outputs until the result is asked for', async ({
  lab,
  notebook,
  panel,
  rest,
  world
}) => {
  await rest.save('live/changed.ipynb', [code(until('changed'))]);
  await lab.open('live/changed.ipynb');
  await notebook.ready(1);
  await panel.open();
  await notebook.settle();
  await notebook.select(0);
  await panel.runCells.click();
  await expect(notebook.output(0)).toContainText('step 1');
  await notebook.type(0, 'print("another")');
  await expect(notebook.badge(0)).toHaveAttribute('data-state', 'changed');
  await expect(notebook.output(0)).toHaveCount(0);

  letEnd(world, 'changed');
  await panel.sees(panel.rows.first(), 'succeeded');
  await expect(notebook.badge(0)).toContainText('changed since it was sent · show result');
  await expect(notebook.output(0)).toHaveCount(0);
  await notebook.badge(0).getByRole('button').first().click();
  await expect(notebook.output(0)).toContainText(LAST);
  once(await notebook.output(0).innerText());
});

test('a cell cancelled from its badge keeps what it printed', async ({
  lab,
  notebook,
  panel,
  rest
}) => {
  await rest.save('live/cancel.ipynb', [code(until('cancel')), code('print("never")')]);
  await lab.open('live/cancel.ipynb');
  await notebook.ready(2);
  await panel.open();
  await notebook.settle();
  await notebook.select(0, 1);
  await panel.runCells.click();
  await expect(notebook.output(0)).toContainText('step 1');
  await notebook.badge(0).getByRole('button', { name: 'Cancel the job' }).click();
  await expect(notebook.badge(0)).toContainText('cancelled');
  await expect(notebook.badge(1)).toContainText('not run');
  await expect(notebook.output(0).first()).toContainText('step 1');
  await expect(notebook.output(0).first()).not.toContainText(LAST);
  await expect(notebook.output(1)).toHaveCount(0);
  await notebook.badge(1).getByRole('button', { name: 'Remove this mark' }).click();
  await expect(notebook.badge(1)).toHaveCount(0);
});

test('a notebook that was renamed is offered its job again when the page is loaded anew', async ({
  lab,
  notebook,
  panel,
  rest,
  world
}) => {
  await rest.save('live/named.ipynb', [code(until('named'))]);
  await lab.open('live/named.ipynb');
  await notebook.ready(1);
  await panel.open();
  await notebook.settle();
  await notebook.select(0);
  await panel.runCells.click();
  await expect(notebook.output(0)).toContainText('step 1');
  world.rename('live/named.ipynb', 'live/renamed.ipynb');
  await lab.open('live/renamed.ipynb');
  await notebook.ready(1);
  await panel.open();
  await expect(notebook.badge(0)).toContainText('sent from “named.ipynb” · show result');
  await expect(notebook.output(0)).toHaveCount(0);
  await notebook.badge(0).getByRole('button').first().click();
  await expect(notebook.output(0)).toContainText('step 3');
  letEnd(world, 'named');
  await expect(notebook.output(0)).toContainText(LAST);
  await notebook.dirty();
  once(await notebook.output(0).innerText());
});
