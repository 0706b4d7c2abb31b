import type { Page } from '@playwright/test';

import { expect, test } from '../lab';
import { code, patient } from '../rest';

/** Press a key until what has the focus bears that name. */
async function pressUntil(page: Page, key: string, name: RegExp, most = 30): Promise<void> {
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
  for (let times = 0; times < most && !name.test(await focused()); times++) {
    await page.keyboard.press(key);
  }
  expect(await focused()).toMatch(name);
}

test('run, watch and cancel without a mouse', async ({ lab, notebook, page, panel, rest }) => {
  await rest.clear();
  await rest.save('keys/long.ipynb', [code('"first"'), code(patient('never.gate'))]);
  await lab.open('keys/long.ipynb');
  await notebook.ready(2);
  // The notebook takes the focus when it has come, and would take it from the palette.
  await expect(notebook.root.locator('.jp-Notebook :focus')).toBeAttached();
  await lab.palette('Show Compute');
  await page.keyboard.press('Enter');
  await expect(panel.root).toBeVisible();
  await expect(panel.root).toContainText('No jobs yet.');

  await notebook.root.locator('.jp-Notebook').focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowDown');
  await expect(panel.runCells).toHaveText('Run 1 cell');
  await page.keyboard.press('Control+Alt+Enter');
  const row = panel.rows.first();
  await panel.sees(row, 'running');

  await panel.search.focus();
  await pressUntil(page, 'Tab', /long/);
  await expect(row).toBeFocused();
  await pressUntil(page, 'Tab', /^Cancel$/);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Cancel');
  await pressUntil(page, 'Tab', /^Cancel job$/);
  await page.keyboard.press('Enter');
  await panel.sees(row, 'cancelled');

  // The button that was pressed is gone.
  await expect(row).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(dialog).toContainText('Delete');
  await page.keyboard.press('Escape');
  await expect(panel.rows).toHaveCount(1);
  await page.keyboard.press('Delete');
  await pressUntil(page, 'Tab', /^Delete$/);
  await page.keyboard.press('Enter');
  await expect(panel.root.locator('.jp-Compute-placeholder')).toBeFocused();
  await expect(panel.root).toContainText('No jobs yet.');
});

test('a profile is chosen without a mouse', async ({ lab, page, panel }) => {
  await lab.open();
  await panel.open();
  const launcher = page.locator('.jp-Launcher');
  await expect(launcher).toBeVisible();
  await panel.profile.focus();
  await page.keyboard.press('ArrowDown');
  await expect(panel.option('This machine')).toBeFocused();
  // As if it came later.
  await launcher.focus();
  await expect(panel.option('This machine')).toBeVisible();
  await panel.profile.focus();
  await page.keyboard.press('Shift+Tab');
  await expect(panel.root.getByRole('listbox')).toHaveCount(0);
  await panel.profile.focus();
  await page.keyboard.press('ArrowDown');
  await expect(panel.option('This machine')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(panel.profile).toBeFocused();
  await expect(panel.root.getByRole('listbox')).toHaveCount(0);
});
