import type { Page } from '@playwright/test';

import { expect, test } from '../lab';
import { code } from '../rest';

/** Light comes last: other stories begin with it. */
const THEMES = {
  dark: 'JupyterLab Dark',
  contrast: 'JupyterLab Dark High Contrast',
  light: 'JupyterLab Light'
};
const SLEEP = 'import time\ntime.sleep(600)';

/** Nothing sticks out of the panel to the right. */
async function expectNothingCut(page: Page) {
  const wide = await page.locator('#jupyterlab-compute-panel').evaluate(panel => {
    const right = panel.getBoundingClientRect().right;
    return [...panel.querySelectorAll('*')]
      .filter(each => each.getBoundingClientRect().right > right + 1 && each.checkVisibility())
      .map(each => each.outerHTML.slice(0, 120));
  });
  expect.soft(wide).toEqual([]);
}

test('the panel is there, shows this machine ready, and teaches the first step', async ({
  lab,
  panel,
  rest
}) => {
  await rest.clear();
  await lab.open();
  await panel.open();
  await expect(panel.profile).toHaveAccessibleName('Profile: This machine');
  await expect(panel.profile.getByRole('img', { name: 'It answers.' })).toBeVisible();
  await expect(panel.root).toContainText('Open a notebook to run it');
  await expect(panel.root).toContainText('No jobs yet.');

  await panel.root.getByRole('button', { name: 'Try the example notebook' }).click();
  await expect(lab.notebook.tab).toContainText('compute-example.ipynb');
  await lab.notebook.ready(4);
  await lab.notebook.select(3);
  await panel.runCells.click();
  const dialog = lab.page.getByRole('dialog');
  await expect(dialog).toContainText('import random');
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(lab.notebook.output(3)).toContainText('100 %');
  await panel.sees(panel.rows.first(), 'succeeded');
});

test('every state can be told apart and read, at 300 px, in light, dark and high contrast', async ({
  lab,
  page,
  panel,
  rest,
  world
}, info) => {
  await rest.clear();
  await rest.save('states/work.ipynb', [code('print("done")')]);
  await rest.save('states/long.ipynb', [code('print("a")'), code('print("b")'), code(SLEEP)]);
  await rest.save('states/broken.ipynb', [code('{}["missing"]')]);
  await lab.open();
  await panel.open();
  await panel.resize(300);
  await panel.picture(info, 'empty-light');
  expect.soft(await panel.findings(), 'empty').toEqual([]);

  const done = await rest.run('states/work.ipynb', { name: 'figures' });
  const failed = await rest.run('states/broken.ipynb', { name: 'simulate' });
  await panel.sees(panel.row(done), 'succeeded');
  await panel.sees(panel.row(failed), 'failed');
  const cancelled = await rest.run('states/long.ipynb', { name: 'old experiment' });
  const lost = await rest.run('states/long.ipynb', { name: 'nightly report' });
  await rest.until(cancelled.id, 'running');
  await rest.until(lost.id, 'running');
  await rest.cancel(cancelled.id);
  world.killJob(lost);
  await panel.sees(panel.row(cancelled), 'cancelled');
  await panel.sees(panel.row(lost), 'unknown');
  const running = await rest.run('states/long.ipynb', {
    name: 'train-model',
    resources: { cores: 2 }
  });
  await panel.sees(panel.row(running), 'running');
  const waiting = await rest.run('states/long.ipynb', {
    name: 'big-memory fit with a name that is too long'
  });
  await panel.sees(panel.row(waiting), 'queued');

  await expect(panel.row(done)).toContainText(/Done in \d:\d\d/);
  await expect(panel.row(failed)).toContainText('KeyError');
  await expect(panel.row(cancelled)).toContainText('Cancelled by you after');
  await expect(panel.row(lost)).toContainText('Lost');
  await expect(panel.row(running)).toContainText('cell 3 of 3');
  await expect(panel.row(waiting)).toContainText('Waiting: ');
  await expect(panel.root.getByRole('button', { name: 'Active 2' })).toBeVisible();
  await expect(panel.root.getByRole('button', { name: 'Failed 2' })).toBeVisible();
  for (const [name, theme] of Object.entries(THEMES)) {
    await lab.theme(theme);
    await panel.picture(info, `states-${name}`);
    expect.soft(await panel.findings(), `all states, ${theme}`).toEqual([]);
  }
  await expectNothingCut(page);
  await rest.clear();
});

test('many jobs: the list scrolls below the profile, can be searched and filtered', async ({
  lab,
  page,
  panel,
  rest,
  world
}, info) => {
  await rest.clear();
  await rest.save('many/short.ipynb', [code('1')]);
  await lab.open();
  await panel.open();
  await panel.resize(300);
  const first = await rest.run('many/short.ipynb', { name: 'first of all' });
  await rest.until(first.id);
  // The others come at once, from another server.
  const parts = Array.from({ length: 59 }, (_, index) => `part ${index + 1}`);
  world.copyJob(first, [...parts, 'last of all']);
  await expect(panel.root.getByRole('button', { name: 'All 61' })).toBeVisible();
  await expect(panel.row('last of all')).toBeInViewport();
  await expect(panel.row('part 5')).not.toBeInViewport();
  expect(await panel.rows.count()).toBeLessThan(61);
  await panel.rows.first().focus();
  await page.keyboard.press('End');
  await expect(panel.row('first of all')).toBeFocused();
  await expect(panel.row('part 5')).toBeInViewport();
  await expect(panel.profile).toBeInViewport();
  await expect(panel.foot).toBeInViewport();
  await panel.picture(info, 'many-light');
  expect.soft(await panel.findings()).toEqual([]);

  await panel.search.fill('part 17');
  await expect(panel.rows).toHaveCount(1);
  await panel.search.fill('nothing like it');
  await expect(panel.root).toContainText('No job matches.');
  await panel.search.clear();
  await panel.root.getByRole('button', { name: /^Failed/ }).click();
  await expect(panel.rows).toHaveCount(0);
  await rest.clear();
});
