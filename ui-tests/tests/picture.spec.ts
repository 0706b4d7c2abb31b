import { expect, test } from '../lab';
import { Film, picture } from '../pictures';
import { code, markdown, patient } from '../rest';

/** What the notebook of the picture imports: it prints as somebody's training would, and goes on until the end. */
const DIGITS = `
import time

def load():
    return list(range(1797)), None

def fit(features, depth):
    for epoch in range(1, 7):
        print(f"epoch {epoch}   loss {0.9 / epoch + 0.04:.3f}   accuracy {1 - 0.5 / epoch:.1%}", flush=True)
        time.sleep(0.2)
    time.sleep(600)
`;

/** What the film's notebook imports: each step waits until the story has filmed the one before. */
const PACE = `
import os, time

def steps(most):
    for step in range(1, most + 2):
        while not os.path.exists(f"{step}.gate"):
            time.sleep(0.02)
        if step <= most:
            yield step
`;

test.beforeEach(({ world }) => {
  // Seven jobs that are seen in all their states.
  test.slow();
  test.skip(!world.facts.slurm, `no Slurm: ${world.facts.why_no_slurm ?? ''}`);
});

/** `make images` makes the pictures of the pages anew, from the real thing. */
test('the pictures of the pages', async ({ lab, notebook, page, panel, rest, world }) => {
  await rest.clear();
  world.write('digits.py', DIGITS);
  await rest.save('analysis.ipynb', [
    markdown('# Digits\nA small network, trained on the cluster while this page stays free.'),
    code('depth = 12\nepochs = 6', undefined, ['parameters']),
    code('from digits import fit, load\n\nfeatures, test = load()'),
    code('model = fit(features, depth)'),
    code('score = model.score(test)\nscore'),
    code('plot(score, by="digit")')
  ]);
  await rest.save('states/figures.ipynb', [code('import time\ntime.sleep(2)')]);
  await rest.save('states/simulate.ipynb', [code('raise MemoryError("grid of order 9")')]);
  await rest.save('states/long.ipynb', [code('1'), code('2'), code(patient('never.gate'))]);
  await page.setViewportSize({ width: 1200, height: 720 });
  await lab.open('analysis.ipynb');
  await notebook.ready(6);
  await panel.open();
  await panel.resize(300);

  const figures = await rest.run('states/figures.ipynb', { name: 'figures' });
  const simulate = await rest.run('states/simulate.ipynb', { profile: 'debug', name: 'simulate' });
  const old = await rest.run('states/long.ipynb', { profile: 'debug', name: 'old experiment' });
  await rest.until(figures.id);
  await rest.until(simulate.id);
  await rest.until(old.id, 'running');
  await rest.cancel(old.id);
  await rest.until(old.id);
  await rest.run('states/long.ipynb', { profile: 'long', name: 'nightly report' });
  await rest.run('states/long.ipynb', { profile: 'long', name: 'parameter study' });
  const fit = await rest.run('states/long.ipynb', { profile: 'long', name: 'big-memory fit' });
  await panel.sees(panel.row(fit), 'queued');
  await expect(panel.row('parameter study')).toContainText('cell 3 of 3');

  await panel.choose('debug');
  await notebook.select(3, 4);
  await panel.runCells.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click();
  await expect(notebook.output(3)).toContainText('epoch 6');
  await expect(panel.rows.first()).toContainText('cell 3 of 4');
  // Those of failures stay until they are closed, and any may come late.
  const toasts = page.locator('.Toastify__toast');
  await expect(async () => {
    for (const close of await toasts.getByRole('button', { name: /close|hide|dismiss/i }).all()) {
      await close.click({ timeout: 1000 });
    }
    await expect(toasts).toHaveCount(0, { timeout: 1000 });
  }).toPass();
  await page.mouse.move(900, 600);
  await picture(page, 'panel');
  await picture(notebook.cell(3), 'cell');

  await panel.runNotebook.click({ modifiers: ['Shift'] });
  const form = page.getByRole('dialog');
  await expect(form.getByLabel('depth', { exact: true })).toHaveValue('12');
  await picture(page, 'form');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await expect(form).toHaveCount(0);

  await panel.row('simulate').click();
  const job = page.locator('.jp-Compute-details');
  await expect(job).toContainText('Traceback (most recent call last)');
  await picture(page, 'job');

  await panel.choose('This machine');
  await rest.clear();
});

test('the film: choose, run, watch', async ({ lab, notebook, page, panel, rest, world }) => {
  await rest.clear();
  await rest.save('film/pi.ipynb', [
    markdown('# π, by throwing darts'),
    code('import random\nfrom pace import steps\n\ndarts = 200_000'),
    code(
      [
        'inside = 0',
        'for step in steps(6):',
        '    for _ in range(darts):',
        '        inside += random.random() ** 2 + random.random() ** 2 < 1',
        '    print(f"{step} of 6   π ≈ {4 * inside / (darts * step):.5f}", flush=True)'
      ].join('\n')
    )
  ]);
  world.write('film/pace.py', PACE);
  await page.setViewportSize({ width: 960, height: 560 });
  await lab.open('film/pi.ipynb');
  await notebook.ready(3);
  await panel.open();
  await panel.resize(280);
  const film = new Film(page);
  await film.frame(1500);

  await panel.profile.click();
  await expect(panel.option('debug')).toBeVisible();
  await film.frame(1500);
  await panel.option('debug').click();
  await expect(panel.profile).toHaveAccessibleName('Profile: debug');
  await film.frame(1000);
  await notebook.select(2);
  await expect(panel.runCells).toHaveText('Run 1 cell');
  await film.frame(1200);
  await panel.runCells.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('import random');
  await film.frame(2500);
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(panel.rows).toHaveCount(1);
  await film.frame(700);
  for (let step = 1; step <= 6; step++) {
    world.openGate(`film/${step}.gate`);
    await expect(notebook.output(2)).toContainText(`${step} of 6`);
    await film.frame(700);
  }
  world.openGate('film/7.gate');
  await panel.sees(panel.rows.first(), 'succeeded');
  await expect(notebook.badge(2)).toContainText('done');
  await film.frame(3000);

  await panel.rows.first().click();
  await expect(page.locator('.jp-Compute-details')).toContainText('6 of 6');
  await film.frame(3500);
  await panel.choose('This machine');
  await rest.clear();
});
