import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '../lab';
import { code, patient } from '../rest';

/** Prints a line that names the cell, a hundred kilobytes of text, and shows a picture of half a megabyte. */
const LARGE = [
  'import base64, os, struct, zlib',
  'from IPython.display import Image, display',
  'def part(kind, data):',
  '    body = kind + data',
  '    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))',
  'def noise(width, height):',
  '    rows = b"".join(b"\\0" + os.urandom(3 * width) for _ in range(height))',
  '    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)',
  '    data = part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows, 0)) + part(b"IEND", b"")',
  '    return Image(b"\\x89PNG\\r\\n\\x1a\\n" + data)',
  'def large(number):',
  '    print(f"this is cell {number}.", flush=True)',
  '    print(("x" * 99 + "\\n") * 1000)',
  '    display(noise(320, 310))'
].join('\n');
const CELLS = 200;

/**
 * A file for each of our plugins with settings: another type, unknown keys, values of wrong types.
 * What is no JSON at all stops JupyterLab itself, whose listing of all settings is then a 500: see test_bad_settings.py.
 */
const BROKEN = new Map([
  ['profiles.jupyterlab-settings', '{ "my_profiles": [], "no such key": 7 }'],
  ['form.jupyterlab-settings', '{ "last": { "this-machine": 7 } }'],
  ['jobs.jupyterlab-settings', '{ "keep_days": "soon", "keep_jobs": 1e999 }'],
  ['notifications.jupyterlab-settings', '{ "browser": [], "by_mail": "yes" }'],
  ['panel.jupyterlab-settings', '{ "toolbar": 7, "no such key": null }'],
  ['run.jupyterlab-settings', '[1]'],
  ['toasts.jupyterlab-settings', '{ "at_end": {} }']
]);

test('two hundred cells with a hundred megabytes of outputs: the page stays usable, each output comes once', async ({
  lab,
  notebook,
  page,
  panel,
  rest,
  world
}) => {
  test.setTimeout(420_000);
  await rest.clear();
  const cells = Array.from({ length: CELLS }, (_, at) => code(`large(${at})`, `large-${at}`));
  await rest.save('large/large.ipynb', [code(LARGE, 'setup'), ...cells, code('', 'last')]);
  await lab.open('large/large.ipynb');
  // JupyterLab makes so many when it has nothing else to do.
  await expect(notebook.cells).toHaveCount(CELLS + 2, { timeout: 120_000 });
  await panel.open();
  await notebook.settle();
  await notebook.select(0);
  await page.keyboard.press('Control+a');
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { __long: tasks });
    new PerformanceObserver(list =>
      tasks.push(...list.getEntries().map(({ duration }) => duration))
    ).observe({ type: 'longtask' });
  });
  await panel.runCells.click();
  await expect(notebook.output(1).first()).toContainText('this is cell 0.', { timeout: 60_000 });
  const [job] = await rest.jobs('large/large.ipynb');

  // Somebody goes on working meanwhile.
  const waits: number[] = [];
  await notebook.cell(0).scrollIntoViewIfNeeded();
  const editor = notebook.cell(0).locator('.cm-content');
  await editor.click();
  await page.keyboard.press('Control+End');
  for (let ended = false, words = 0; !ended; words++) {
    const before = Date.now();
    await page.keyboard.insertText(` #${words}`);
    await expect(editor).toContainText(`#${words}`, { timeout: 30_000 });
    waits.push(Date.now() - before);
    ended = (await rest.job(job.id)).applied?.done ?? false;
  }
  const long = await page.evaluate(() => (window as unknown as { __long: number[] }).__long);
  const worst = Math.max(...long, 0);
  const all = long.reduce((sum, each) => sum + each, 0);
  const typed = Math.max(...waits);
  console.log(
    `long tasks: ${long.length}, ${all} ms, longest ${worst} ms; typed: ${waits.length}, slowest ${typed} ms`
  );
  expect((await rest.job(job.id)).state).toBe('succeeded');

  await notebook.save();
  const saved = JSON.parse(world.read('large/large.ipynb')) as {
    cells: { id: string; outputs: { text?: string | string[]; data?: object }[] }[];
  };
  expect(JSON.stringify(saved).length).toBeGreaterThan(100_000_000);
  saved.cells.slice(1, -1).forEach(({ outputs }, at) => {
    expect(outputs).toHaveLength(2);
    const text = [outputs[0].text!].flat().join('');
    expect(text.split(`this is cell ${at}.`)).toHaveLength(2);
    expect(outputs[1].data).toHaveProperty('image/png');
  });
  // Written all at once they took 40 s, on a machine with much else to do.
  expect(worst).toBeLessThan(4000);
});

test('a notebook that is renamed in its page while its cells run gets their outputs under its new name', async ({
  lab,
  notebook,
  page,
  panel,
  rest,
  world
}) => {
  await rest.save('moved/before.ipynb', [code(patient('renamed.gate'))]);
  await lab.open('moved/before.ipynb');
  await notebook.ready(1);
  await panel.open();
  await notebook.settle();
  await notebook.select(0);
  await panel.runCells.click();
  await expect(notebook.output(0)).toHaveText('it began');
  await lab.menu('File', 'Rename Notebook…');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('after.ipynb');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(notebook.tab).toContainText('after.ipynb');
  await expect(notebook.output(0)).toHaveText('it began');
  world.openGate('moved/renamed.gate');
  await expect(notebook.output(0)).toContainText('it went on');
  await expect(notebook.badge(0)).toHaveAttribute('data-state', 'done');
  await notebook.dirty();
  await notebook.save();
  expect(world.read('moved/after.ipynb').match(/it went on/g)).toHaveLength(1);
});

test('a notebook that is deleted on the disk while its cells run has their outputs in its page', async ({
  lab,
  notebook,
  panel,
  rest,
  world
}) => {
  await rest.save('moved/gone.ipynb', [code(patient('gone.gate'))]);
  await lab.open('moved/gone.ipynb');
  await notebook.ready(1);
  await panel.open();
  await notebook.settle();
  await notebook.select(0);
  await panel.runCells.click();
  await expect(notebook.output(0)).toHaveText('it began');
  rmSync(join(world.facts.notebooks, 'moved/gone.ipynb'));
  world.openGate('moved/gone.gate');
  await expect(notebook.output(0)).toContainText('it went on');
  await expect(notebook.badge(0)).toHaveAttribute('data-state', 'done');
  const [job] = await rest.jobs('moved/gone.ipynb');
  await expect.poll(async () => (await rest.job(job.id)).applied?.done).toBe(true);
  await notebook.dirty();
});

test('with wrong types in all settings of ours the panel says which is wrong, and a notebook runs', async ({
  lab,
  notebook,
  page,
  panel,
  rest,
  world
}) => {
  const { home, uid, gid } = world.facts;
  const folder = join(home, '.jupyter/lab/user-settings/jupyterlab-compute');
  const before = existsSync(folder) ? readdirSync(folder) : [];
  expect(before.filter(name => BROKEN.has(name))).toEqual([]);
  mkdirSync(folder, { recursive: true });
  chownSync(folder, uid, gid);
  try {
    for (const [name, text] of BROKEN) {
      writeFileSync(join(folder, name), text);
    }
    await rest.save('settings/runs.ipynb', [code('print("it ran")')]);
    await lab.open('settings/runs.ipynb');
    await notebook.ready(1);
    await panel.open();
    await expect(panel.root).toContainText('profiles.jupyterlab-settings');
    await panel.runNotebook.click();
    await panel.sees(panel.rows.first(), 'succeeded');
    await page.keyboard.press('Escape');
    expect(await page.locator('.jp-Dialog').count()).toBe(0);
  } finally {
    for (const name of BROKEN.keys()) {
      rmSync(join(folder, name), { force: true });
    }
  }
});
