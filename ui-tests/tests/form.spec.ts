import type { Locator, Page, TestInfo } from '@playwright/test';

import { findings } from '../axe';
import { expect, test } from '../lab';
import type { Lab } from '../lab';
import { code, type Rest } from '../rest';

/** The form, by what a person or a screen reader finds in it. */
class Form {
  constructor(readonly page: Page) {
    this.root = page.getByRole('dialog');
  }

  readonly root: Locator;

  field(label: string): Locator {
    return this.root.getByLabel(label, { exact: true });
  }

  button(name: string | RegExp): Locator {
    return this.root.getByRole('button', { name, exact: true });
  }

  async more(): Promise<void> {
    await this.root.getByText('More options').click();
  }

  async gone(): Promise<void> {
    await expect(this.root).toHaveCount(0);
  }

  async findings(): Promise<string[]> {
    return findings(this.page, '.jp-Compute-form');
  }

  async picture(info: TestInfo, name: string): Promise<void> {
    const path = info.outputPath(`${name}.png`);
    await this.page.screenshot({ path });
    await info.attach(name, { path });
  }
}

const PARAMETERS = ['rate: float = 0.1  # how fast', 'rounds = 3', "title = 'first'"].join('\n');

async function openNotebook(lab: Lab, rest: Rest, path: string): Promise<Form> {
  await rest.clear();
  await rest.save(path, [
    code(PARAMETERS, 'params', ['parameters']),
    code('base = 40', 'base'),
    code('print("never mind")', 'other'),
    code('print("sum", base + rounds, title)', 'use')
  ]);
  await lab.open(path);
  await lab.notebook.ready(4);
  await lab.panel.open();
  return new Form(lab.page);
}

test('what the form says is what the job is, and what it runs with', async ({
  lab,
  notebook,
  page,
  panel,
  rest,
  world
}, info) => {
  const form = await openNotebook(lab, rest, 'form/whole.ipynb');
  await panel.runNotebook.click({ modifiers: ['Shift'] });
  await expect(form.root).toContainText('Run whole.ipynb');
  await expect(form.field('Profile')).toBeFocused();
  await form.field('Memory').fill('1,5g');
  await expect(form.field('Memory')).toHaveAccessibleDescription(/= 1\.5 GiB/);
  await form.field('Time limit').fill('1:30');
  await expect(form.field('Time limit')).toHaveAccessibleDescription(/= 1 h 30 min/);
  await form.field('rounds').fill('5');
  await form.field('title').fill('second');
  expect.soft(await form.findings()).toEqual([]);
  await form.picture(info, 'form-light');

  await form.more();
  await form.field('Executed copy').fill('{folder}/out/{name}-{job}.ipynb');
  await form.field('HTML').check();
  await form.field('Name').fill('the second run');
  await form.picture(info, 'form-more-light');
  expect.soft(await form.findings()).toEqual([]);

  await form.button('Preview').click();
  await expect(form.root).toContainText('job.sh');
  await expect(form.root).toContainText('form/out/whole-');
  expect.soft(await form.findings()).toEqual([]);
  await form.picture(info, 'preview-light');
  expect(await rest.jobs('form/whole.ipynb')).toEqual([]);
  await form.button('Back to options').click();
  await expect(form.field('rounds')).toHaveValue('5');

  await form.button('Run').click();
  await form.gone();
  await panel.sees(panel.row('the second run'), 'succeeded', 60_000);
  const [{ id }] = await rest.jobs('form/whole.ipynb');
  const job = await rest.job(id);
  expect(job.resources).toMatchObject({ memory_mb: 1536, walltime_s: 5400 });
  expect(job.parameters).toEqual({ rounds: 5, title: 'second' });
  expect(job.landed).toBe(`form/out/whole-${id}.ipynb`);
  expect(world.read(job.landed!)).toContain('sum 45 second');

  // The next time, what counts for any notebook is there again; a name and parameters belong to one run.
  await panel.runNotebook.click({ modifiers: ['Shift'] });
  await expect(form.field('Time limit')).toHaveValue('1:30');
  await expect(form.field('Executed copy')).toHaveValue('{folder}/out/{name}-{job}.ipynb');
  await expect(form.field('Name')).toHaveValue('');
  await expect(form.field('rounds')).toHaveValue('3');
  await page.keyboard.press('Escape');
  await form.gone();
  expect(await rest.jobs('form/whole.ipynb')).toHaveLength(1);
  await expect(notebook.root).toBeVisible();

  // That job's own values, changed in one place.
  await panel.row('the second run').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Edit and run again…' }).click();
  await expect(form.root).toContainText('Run “the second run” again');
  await expect(form.field('title')).toHaveValue('second');
  await expect(form.field('Memory')).toHaveValue('1.5 GiB');
  await form.field('rounds').fill('6');
  await page.keyboard.press('Enter');
  await form.gone();
  await expect.poll(async () => (await rest.jobs('form/whole.ipynb')).length).toBe(2);
  const again = (await rest.jobs('form/whole.ipynb')).find(each => each.id !== id)!;
  expect(again.parameters).toEqual({ rounds: 6, title: 'second' });
  await rest.until(again.id);
});

test('by keyboard alone: cells with what they need, a limit, a missed name', async ({
  lab,
  notebook,
  page,
  panel,
  rest
}, info) => {
  const form = await openNotebook(lab, rest, 'form/keys.ipynb');
  await notebook.select(3);
  await page.keyboard.press('Control+Alt+o');
  await expect(form.root).toContainText('Run 1 cell of keys.ipynb');
  await expect(form.field('Profile')).toBeFocused();
  await expect(form.root.getByRole('checkbox', { name: /base = 40/ })).toBeChecked();
  await expect(form.root.getByRole('checkbox', { name: /never mind/ })).not.toBeChecked();

  await page.keyboard.press('Tab');
  await expect(form.root.getByRole('radio', { name: 'Needed cells' })).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(form.root.getByRole('radio', { name: 'Nothing' })).toBeChecked();
  await expect(form.root.getByRole('status')).toContainText(
    '“base” is defined in a cell that would not run: base = 40'
  );
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(form.root.getByRole('status')).toBeEmpty();

  await form.field('Cores').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('9999');
  await expect(form.field('Cores')).toHaveAccessibleDescription(/allows at most/);
  await page.keyboard.press('Enter');
  await expect(form.field('Cores')).toBeFocused();
  await expect(form.field('Cores')).toHaveAttribute('aria-invalid', 'true');
  await form.picture(info, 'limit-light');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('1');
  await form.field('rounds').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('2');
  await page.keyboard.press('Enter');
  await form.gone();
  await expect(notebook.output(3)).toContainText('sum 42 first');
  const [job] = await rest.jobs('form/keys.ipynb');
  expect(job.before).toBe('needed');
  expect(job.parameters).toEqual({ rounds: 2 });
  await rest.until(job.id);
});

test('the way out of a limit is one click away, and the narrow and the dark form are whole', async ({
  lab,
  page,
  panel,
  rest,
  world
}, info) => {
  test.skip(!world.facts.slurm, `no Slurm: ${world.facts.why_no_slurm ?? ''}`);
  const form = await openNotebook(lab, rest, 'form/limits.ipynb');
  await lab.theme('JupyterLab Dark');
  await panel.runNotebook.click({ modifiers: ['Shift'] });
  await form.field('Profile').selectOption('long');
  await form.field('Time limit').fill('3 d');
  await expect(form.field('Time limit')).toHaveAccessibleDescription(/“long” allows at most 2 d/);
  expect.soft(await form.findings()).toEqual([]);
  await form.picture(info, 'limit-dark');
  await form.button(/^Use “debug”/).click();
  await expect(form.field('Profile')).toHaveValue('debug');
  await expect(form.field('Time limit')).toHaveValue('3 d');
  await expect(form.field('Time limit')).not.toHaveAttribute('aria-invalid');
  await form.more();
  await form.field('Account').fill('a b');
  await form.field('Name').focus();
  await expect(form.field('Account')).toHaveAccessibleDescription(/letters, digits/);

  await page.setViewportSize({ width: 300, height: 640 });
  const body = form.root.locator('.jp-Dialog-body');
  const tooWide = () => body.evaluate(node => node.scrollWidth - node.clientWidth);
  expect(await tooWide()).toBe(0);
  await expect(form.button('Run')).toBeInViewport();
  await form.picture(info, 'form-narrow-dark');
  expect.soft(await form.findings()).toEqual([]);
  await form.field('Account').fill('');
  await form.button('Preview').click();
  await expect(form.root).toContainText('sbatch');
  expect(await tooWide()).toBe(0);
  await form.picture(info, 'preview-narrow-dark');
  expect.soft(await form.findings()).toEqual([]);
  await page.keyboard.press('Escape');
  await form.gone();
  expect(await rest.jobs('form/limits.ipynb')).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 800 });
  await lab.theme('JupyterLab Light');
});

test('a notebook whose kernel is gone asks for another instead of failing', async ({
  lab,
  page,
  rest
}) => {
  await rest.clear();
  await rest.save('form/kernel.ipynb', [code('print("it", "ran")')], 'nowhere');
  const form = new Form(page);
  await lab.open();
  await page.locator('.jp-DirListing-itemText', { hasText: 'form' }).dblclick();
  const file = page.locator('.jp-DirListing-item', { hasText: 'kernel.ipynb' });
  await file.click({ button: 'right' });
  await page.getByRole('menuitem', { name: /^Run (on This machine|elsewhere)$/ }).click();
  await expect(form.root).toContainText('There is no kernel “nowhere” here');
  await expect(form.field('Kernel')).toHaveAttribute('aria-invalid', 'true');
  await form.field('Kernel').selectOption('python3');
  await form.button('Run').click();
  await form.gone();
  const [job] = await rest.jobs('form/kernel.ipynb');
  expect(job.kernel).toBe('python3');
  expect((await rest.until(job.id)).state).toBe('succeeded');
});
