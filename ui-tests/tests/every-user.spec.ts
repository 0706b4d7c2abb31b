import type { Locator, Page } from '@playwright/test';
import type Axe from 'axe-core';
import { source as axe } from 'axe-core';

import { expect, test } from '../lab';
import type { Lab } from '../lab';
import { code, patient, type Rest } from '../rest';
import type { World } from '../world';

/** All that JupyterLab brings. Light comes last: other stories begin with it. */
const THEMES = ['JupyterLab Dark High Contrast', 'JupyterLab Dark', 'JupyterLab Light'];
/** What depends on the theme; the rest of what axe knows is the same in all of them. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** What makes a theme: whether it is light, and the variables that it sets. */
type Theme = Readonly<{ name: string; isLight: string; variables: [string, string][] }>;

/** What axe finds in our nodes: everything, and what depends on colours in each theme. */
async function findings(page: Page, place: string, themes: readonly Theme[]): Promise<string[]> {
  return page.evaluate(
    async ([within, looks, rules]) => {
      const { axe } = window as unknown as { axe: typeof Axe };
      const look = async (name: string, options: Axe.RunOptions) => {
        const { violations } = await axe.run([within], options);
        return violations.flatMap(({ id, nodes }) =>
          nodes.map(({ html, failureSummary }) => `${name} ${id}: ${html} — ${failureSummary}`)
        );
      };
      const found = await look('', { resultTypes: ['violations'] });
      const { style } = document.documentElement;
      for (const { name, isLight, variables } of looks) {
        document.body.dataset.jpThemeLight = isLight;
        variables.forEach(([variable, value]) => style.setProperty(variable, value));
        found.push(...(await look(name, { runOnly: rules, resultTypes: ['violations'] })));
      }
      return found;
    },
    [place, themes, OF_COLOURS] as const
  );
}

/** As it is now; given to the page again where nobody can reach the menu. */
function themeOf(page: Page, name: string): Promise<Theme> {
  return page.evaluate(
    name => ({
      name,
      isLight: document.body.dataset.jpThemeLight ?? '',
      // Ours follow from JupyterLab's by our own style.
      variables: [...document.documentElement.computedStyleMap()]
        .filter(([each]) => each.startsWith('--jp-') && !each.startsWith('--jp-compute-'))
        .map(([variable, [value]]): [string, string] => [variable, String(value)])
    }),
    name
  );
}

/** Jobs in every state that can be had here. */
async function jobsOfAllKinds(rest: Rest, world: World) {
  await rest.clear();
  await rest.clearSchedules();
  await rest.save('every/good.ipynb', [
    code('depth = 2', 'given', ['parameters']),
    code('print("\\x1b[31mred\\x1b[0m and plain", depth)', 'shown')
  ]);
  await rest.save('every/bad.ipynb', [code('{}["missing"]')]);
  await rest.save('every/long.ipynb', [code('1'), code(patient('every.gate'))]);
  const first = await rest.run('every/good.ipynb', { name: 'first', parameters: { depth: 3 } });
  await rest.until(first.id);
  const good = await rest.run('every/good.ipynb', { name: 'good' });
  const bad = await rest.run('every/bad.ipynb', { name: 'bad' });
  const gone = await rest.run('every/long.ipynb', { name: 'gone' });
  await rest.until(gone.id, 'running');
  await rest.cancel(gone.id);
  const lost = await rest.run('every/long.ipynb', { name: 'lost' });
  await rest.until(lost.id, 'running');
  world.killJob(await rest.job(lost.id));
  for (const { id } of [good, bad, gone]) {
    await rest.until(id);
  }
  await rest.until(lost.id, 'failed', 'unknown');
  // Both want all the cores there are, so that the second one waits.
  const { cores } = (await rest.profiles()).find(({ name }) => name === 'this-machine')!.resources;
  const resources = { cores: cores!.max ?? 1 };
  const running = await rest.run('every/long.ipynb', { name: 'running', resources });
  await rest.until(running.id, 'running');
  const waiting = await rest.run('every/long.ipynb', { name: 'waiting', resources });
  await rest.until(waiting.id, 'queued');
  if (world.facts.slurm) {
    const held = await rest.run('every/long.ipynb', { name: 'held', profile: 'debug' });
    await rest.until(held.id, 'running', 'queued');
    await rest.cancel(held.id);
    await rest.until(held.id);
  }
  return { good, bad, running, waiting };
}

/** One view after the other, as one comes upon them; `look` looks at each. */
async function everyView(lab: Lab, jobs: Record<string, { id: string }>, look: Look) {
  const { notebook, page, panel } = lab;
  const dialog = page.getByRole('dialog');
  const leave = async () => {
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  };

  await look('the panel, with jobs in all states', '#jupyterlab-compute-panel');
  await look('the status bar', '.jp-Compute-status');
  await panel.profile.click();
  await expect(panel.option('This machine')).toBeVisible();
  await look('profiles to choose from', '#jupyterlab-compute-panel');
  await page.keyboard.press('Escape');
  const filters = panel.root.getByRole('button', { name: 'Filter, sort and group' });
  await filters.click();
  await panel.root.getByLabel('Group by notebook').check();
  await panel.row(jobs.good).focus();
  await page.keyboard.press('Space');
  await expect(panel.root.getByRole('toolbar', { name: 'Selected jobs' })).toBeVisible();
  await look('filters, groups and a selection', '#jupyterlab-compute-panel');
  await page.keyboard.press('Escape');
  await panel.root.getByLabel('Group by notebook').uncheck();
  await filters.click();
  await panel.row(jobs.good).hover();
  await look('a row that is pointed at', '#jupyterlab-compute-panel');

  await panel.root.getByRole('button', { name: 'Clean up…' }).click();
  await expect(dialog.getByRole('status')).not.toBeEmpty();
  await dialog.getByText('By notebook, and the largest').click();
  await look('the clean-up', '.jp-Dialog-content');
  await leave();

  await notebook.select(0);
  await page.keyboard.press('Control+Alt+o');
  await expect(dialog.getByLabel('Profile', { exact: true })).toBeVisible();
  await look('the form', '.jp-Dialog-content');
  await dialog.getByLabel('Cores', { exact: true }).fill('9999');
  await dialog.getByText('More options').click();
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(dialog.getByLabel('Cores', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await look('the form with all options and something wrong', '.jp-Dialog-content');
  await dialog.getByLabel('Cores', { exact: true }).fill('1');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await expect(dialog).toContainText('job.sh');
  await look('the preview', '.jp-Dialog-content');
  await leave();

  await lab.menu('Run', 'Run on a schedule…');
  await expect(dialog).toContainText(/Next runs: /);
  await look('the form of a schedule', '.jp-Dialog-content');
  await dialog.getByLabel('Repeat').selectOption({ label: 'As a cron expression says' });
  await dialog.getByLabel('Cron expression').fill('0 25 * * *');
  await expect(dialog).toContainText('“25” is not an hour');
  await look('a cron expression that means nothing', '.jp-Dialog-content');
  await dialog.getByLabel('Repeat').selectOption({ label: 'Every day' });
  await dialog.getByRole('button', { name: 'Create schedule' }).click();
  const schedule = page.getByRole('listitem', { name: 'good', exact: true });
  await schedule.getByRole('button', { name: 'Show its runs' }).click();
  await expect(schedule).toContainText('No runs yet.');
  await look('the schedules', '.jp-Compute-schedulesPage');
  await schedule.getByRole('button', { name: 'Pause good' }).click();
  await expect(schedule).toContainText('Paused');
  await look('a paused schedule', '.jp-Compute-schedulesPage');
  await schedule.getByRole('button', { name: 'Delete good…' }).click();
  await look('a question', '.jp-Dialog-content');
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(schedule).toHaveCount(0);

  for (const name of ['running', 'waiting', 'bad', 'good']) {
    await panel.row(jobs[name]).click();
    const details = page.locator('.jp-Compute-details:visible');
    await expect(details.getByRole('heading', { name, exact: true })).toBeVisible();
    await look(`the page of the ${name} job`, `.jp-Compute-details:not(.lm-mod-hidden)`);
    if (name === 'good') {
      await everyTab(details, look);
    }
  }

  await page.getByRole('tab', { name: /^Running/ }).click();
  await expect(page.locator('.jp-Compute-runningItem').first()).toBeVisible();
  await look('the Running panel', '.jp-Compute-runningItem');

  await lab.menu('Settings', 'Manage profiles…');
  const profile = page.getByRole('listitem', { name: 'This machine', exact: true });
  await profile.getByRole('button', { name: 'Test' }).click();
  await expect(profile.getByRole('status')).toContainText('It can be used.');
  await look('the profiles, one of them tried', '.jp-Compute-profiles');
  await profile.getByRole('button', { name: 'Duplicate' }).click();
  const editor = page.locator('.jp-Compute-profileEditor');
  await editor.getByLabel('Memory, usually').fill('much');
  await editor.getByRole('button', { name: 'Save profile' }).click();
  await expect(editor.getByRole('alert')).toBeVisible();
  await look('a profile with something wrong', '.jp-Compute-profileEditor');
}

async function everyTab(details: Locator, look: Look): Promise<void> {
  await details.getByRole('button', { name: 'Timeline' }).click();
  for (const name of ['Outputs', 'Log', 'Resources', 'Files', 'Script', 'Compare', 'Record']) {
    await details.getByRole('tab', { name }).click();
    const tab = details.getByRole('tabpanel', { name });
    await expect(tab).not.toBeEmpty();
    if (name === 'Files') {
      await tab.getByRole('button', { name: 'Preview job.json' }).click();
      await expect(tab.getByRole('region', { name: 'Preview of job.json' })).toContainText('{');
    } else if (name === 'Compare') {
      await expect(tab.getByLabel('Output of this run').first()).toBeVisible();
    }
    await look(`${name} of a job`, '.jp-Compute-details:not(.lm-mod-hidden)');
  }
}

/** All of them were looked at. */
const VIEWS = 28;

type Look = (view: string, place: string) => Promise<void>;

test('axe finds nothing in any view, in any theme', async ({ lab, page, panel, rest, world }) => {
  test.setTimeout(300_000);
  const jobs = await jobsOfAllKinds(rest, world);
  await page.setViewportSize({ width: 1500, height: 1000 });
  await lab.open('every/good.ipynb');
  await lab.notebook.ready(2);
  await panel.open();
  await expect(panel.row(jobs.waiting)).toBeVisible();
  const themes: Theme[] = [];
  for (const name of THEMES) {
    await lab.theme(name);
    expect.soft(await panel.findings(), name).toEqual([]);
    themes.push(await themeOf(page, name));
  }
  const looks = new Set(themes.map(({ variables }) => JSON.stringify(variables)));
  expect(looks.size).toBe(THEMES.length);

  let views = 0;
  await page.evaluate(axe);
  await everyView(lab, jobs, async (view, place) => {
    views++;
    expect.soft(await findings(page, place, themes), view).toEqual([]);
  });
  expect(views).toBe(VIEWS);
  await lab.reload();
  await rest.clear();
  await panel.open();
  await expect(panel.root.getByText('No jobs yet.')).toBeVisible();
  expect(await panel.findings()).toEqual([]);
});
