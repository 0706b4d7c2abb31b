import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Locator } from '@playwright/test';

import { expect, test } from '../lab';
import { code } from '../rest';

const CATALOGUE = join(
  __dirname,
  '../../jupyterlab_compute/locale/de_DE/LC_MESSAGES/jupyterlab_compute.json'
);
const GERMAN = JSON.parse(readFileSync(CATALOGUE, 'utf8')) as Record<string, string[]>;

/** What is still in English there, seen or spoken: texts of ours that the catalogue says otherwise. */
async function english(place: Locator): Promise<string[]> {
  const texts = await place.evaluate(root => {
    const named = ['aria-label', 'title', 'placeholder', 'aria-description'];
    return [...root.querySelectorAll('*')].flatMap(node => [
      ...[...node.childNodes].filter(({ nodeType }) => nodeType === 3).map(each => each.nodeValue),
      ...named.map(name => node.getAttribute(name))
    ]);
  });
  const found = texts.filter(text => {
    const german = GERMAN[text?.trim() ?? ''];
    return Array.isArray(german) && german[0] !== text?.trim();
  });
  return [...new Set(found)] as string[];
}

test.afterEach(async ({ page, world }) => {
  const { url, token } = world.facts;
  const settings = `${url}lab/api/settings/@jupyterlab/translation-extension:plugin`;
  const headers = { Authorization: `token ${token}` };
  const answer = await page.request.put(settings, { headers, data: { raw: '{}' } });
  expect(answer.ok()).toBe(true);
});

test('the panel, the form, a job and a schedule in German', async ({
  lab,
  notebook,
  page,
  panel,
  rest,
  world
}, info) => {
  await rest.clear();
  await rest.clearSchedules();
  await rest.save('deutsch/arbeit.ipynb', [code('print("fertig")')]);
  await lab.open('deutsch/arbeit.ipynb');
  await notebook.ready(1);
  // The menu names each language in its own words as well.
  await lab.menu('Settings', 'Language');
  await page.getByRole('menuitem', { name: /Deutsch/ }).click();
  await page.getByRole('button', { name: 'Change and reload' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', /^de/);
  await lab.ready();
  await notebook.ready(1);

  await page
    .locator('.jp-SideBar')
    .getByRole('tab', { name: /^Compute/ })
    .click();
  await expect(panel.root).toContainText('Noch keine Jobs.');
  await panel.root
    .getByRole('button', { name: 'Notebook ausführen' })
    .click({ modifiers: ['Shift'] });
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('arbeit.ipynb ausführen');
  await expect(dialog.getByLabel('Speicher', { exact: true })).toBeVisible();
  await dialog.getByText('Weitere Optionen').click();
  await dialog.getByLabel('Zeitlimit', { exact: true }).fill('viel');
  await dialog.getByLabel('Name', { exact: true }).fill('erster Lauf');
  await expect(dialog).toContainText('Schreiben Sie eine Zeit mit Einheit');
  expect.soft(await english(dialog), 'the form').toEqual([]);
  await page.screenshot({ path: info.outputPath('form.png') });
  await dialog.getByLabel('Zeitlimit', { exact: true }).fill('10 min');
  await dialog.getByRole('button', { name: 'Vorschau' }).click();
  await expect(dialog).toContainText('job.sh');
  expect.soft(await english(dialog), 'the preview').toEqual([]);
  await dialog.getByRole('button', { name: 'Zurück zu den Optionen' }).click();
  await dialog.getByRole('button', { name: 'Ausführen', exact: true }).click();
  await expect(dialog).toHaveCount(0);

  const row = panel.row('erster Lauf');
  await panel.sees(row, 'succeeded', 60_000);
  await expect(row).toContainText('Fertig');
  await panel.root.getByRole('button', { name: 'Filtern, sortieren und gruppieren' }).click();
  expect.soft(await english(panel.root), 'the panel').toEqual([]);
  await row.click();
  const details = page.locator('.jp-Compute-details');
  for (const name of ['Ausgaben', 'Protokoll', 'Ressourcen', 'Dateien', 'Skript', 'Vergleich']) {
    await details.getByRole('tab', { name }).click();
    await expect(details.getByRole('tabpanel', { name })).not.toBeEmpty();
    expect.soft(await english(details), name).toEqual([]);
  }
  await page.screenshot({ path: info.outputPath('job.png') });

  // The menu is JupyterLab's; what stands in it is ours.
  await lab.menu('Run', 'Nach Zeitplan ausführen …');
  await expect(dialog).toContainText('Nächste Läufe');
  expect.soft(await english(dialog), 'the form of a schedule').toEqual([]);
  await dialog.getByLabel('Wiederholen').selectOption({ label: 'Jede Woche' });
  // Days are named by the browser, in the language that JupyterLab is set to.
  await dialog.getByLabel('Am', { exact: true }).selectOption({ label: 'Montag' });
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  // JupyterLab's server translates what a setting is called where one plugin is asked for, though not in its list of
  // all: there the Settings Editor has the titles of every extension that was installed with pip in English.
  const { url, token } = world.facts;
  const answer = await page.request.get(`${url}lab/api/settings/jupyterlab-compute:notifications`, {
    headers: { Authorization: `token ${token}` }
  });
  const { schema } = (await answer.json()) as { schema: { title: string } };
  expect(schema.title).toBe('Compute: Nachrichten');
});
