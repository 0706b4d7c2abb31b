import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '../lab';
import { code, markdown, patient } from '../rest';

const PICTURE = join(__dirname, '..', '..', 'docs', 'images', 'panel.png');

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

/** `COMPUTE_UPDATE_IMAGES=1 playwright test picture` makes the README's picture anew, from the real thing. */
test('the picture of the README', async ({ lab, notebook, page, panel, rest, world }) => {
  test.skip(!process.env.COMPUTE_UPDATE_IMAGES, 'COMPUTE_UPDATE_IMAGES is not set');
  test.skip(!world.facts.slurm, `no Slurm: ${world.facts.why_no_slurm ?? ''}`);
  await rest.clear();
  world.write('digits.py', DIGITS);
  await rest.save('analysis.ipynb', [
    markdown('# Digits\nA small network, trained on the cluster while this page stays free.'),
    code('from digits import fit, load\n\nfeatures, test = load()'),
    code('model = fit(features, depth=12)'),
    code('score = model.score(test)\nscore'),
    code('plot(score, by="digit")')
  ]);
  await rest.save('states/figures.ipynb', [code('import time\ntime.sleep(2)')]);
  await rest.save('states/simulate.ipynb', [code('raise MemoryError("grid of order 9")')]);
  await rest.save('states/long.ipynb', [code('1'), code('2'), code(patient('never.gate'))]);
  await page.setViewportSize({ width: 1200, height: 720 });
  await lab.open('analysis.ipynb');
  await notebook.ready(5);
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
  await notebook.select(2, 3);
  await panel.runCells.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click();
  await expect(notebook.output(2)).toContainText('epoch 6');
  await expect(panel.rows.first()).toContainText('cell 2 of 3');
  await page.mouse.move(900, 600);
  const toasts = page.locator('.Toastify__toast');
  await toasts
    .filter({ hasText: 'simulate' })
    .getByRole('button', { name: /close|hide|dismiss/i })
    .click();
  await expect(toasts).toHaveCount(0, { timeout: 30_000 });
  mkdirSync(join(PICTURE, '..'), { recursive: true });
  await page.screenshot({ path: PICTURE, animations: 'disabled' });
  await panel.choose('This machine');
  await rest.clear();
});
