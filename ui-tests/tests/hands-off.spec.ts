import type { Locator, Page } from '@playwright/test';

import { expect, test } from '../lab';
import { code } from '../rest';

/** Press Tab until the focus is there. */
async function tabTo(page: Page, wanted: Locator, key = 'Tab', most = 60): Promise<void> {
  await expect(wanted).toBeVisible();
  for (let times = 0; times < most; times++) {
    if (await wanted.evaluate(node => node === document.activeElement)) {
      return;
    }
    await page.keyboard.press(key);
  }
  await expect(wanted).toBeFocused({ timeout: 100 });
}

/** What has the focus, by its name and its place; empty: nothing but the page. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const node = document.activeElement;
    return node && node !== document.body
      ? `${node.tagName} ${node.className} ${node.getAttribute('aria-label') ?? node.textContent}`
      : '';
  });
}

/**
 * Go by Tab through what lies there, from its beginning to its end; what has no ring, or one that is hard to see.
 *
 * WCAG 2.2 asks for 3:1 between the ring and what is around it. A ring that the browser draws by itself has two colours.
 */
async function ringless(page: Page, place: Locator): Promise<string[]> {
  const wrong = new Set<string>();
  const seen = new Set<string>();
  for (let times = 0; times < 80; times++) {
    const found = await place.evaluate(root => {
      const node = document.activeElement as HTMLElement | null;
      if (!node || !root.contains(node)) {
        return null;
      }
      const parse = (colour: string) => {
        const context = document.createElement('canvas').getContext('2d')!;
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data];
      };
      const light = (colour: number[]) =>
        [0.2126, 0.7152, 0.0722].reduce((sum, share, at) => {
          const part = colour[at] / 255;
          return sum + share * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        }, 0);
      const groundOf = (each: Element | null): number[] => {
        const colour = each ? parse(getComputedStyle(each).backgroundColor) : [255, 255, 255, 255];
        return colour[3] === 255 ? colour : groundOf(each!.parentElement);
      };
      // JupyterLab's own buttons draw their ring inside.
      const ringed = node.shadowRoot?.activeElement ?? node;
      const { outlineStyle, outlineWidth, outlineColor, outlineOffset } = getComputedStyle(ringed);
      const ground = groundOf(parseFloat(outlineOffset) < 0 ? node : node.parentElement);
      const [one, other] = [light(parse(outlineColor)), light(ground)].sort((a, b) => b - a);
      const ratio = (one + 0.05) / (other + 0.05);
      const isSeen =
        outlineStyle === 'auto' ||
        (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 && ratio >= 3);
      const name = node.getAttribute('aria-label') ?? node.textContent ?? '';
      const all = [...root.querySelectorAll('*')];
      const what = `${node.tagName} ${node.className} ${name.slice(0, 40)}`;
      return { at: String(all.indexOf(node)), what, isSeen, ratio };
    });
    if (!found || seen.has(found.at)) {
      break;
    }
    seen.add(found.at);
    if (!found.isSeen) {
      wrong.add(`${found.what}: ${found.ratio.toFixed(1)}`);
    }
    await page.keyboard.press('Tab');
  }
  expect(seen.size).toBeGreaterThan(1);
  return [...wrong];
}

test('form, job page and schedules without a mouse', async ({
  lab,
  notebook,
  page,
  panel,
  rest
}) => {
  // Some two hundred keys, each of which waits for the page.
  test.slow();
  await rest.clear();
  await rest.clearSchedules();
  await rest.save('hands/off.ipynb', [code('print("by hand")'), code('2')]);
  await lab.open('hands/off.ipynb');
  await notebook.ready(2);
  const command = async (words: string) => {
    await lab.palette(words);
    await page.keyboard.press('Enter');
  };
  // The notebook takes the focus when it has come, and would take it from the palette.
  await expect.poll(() => focused(page)).toMatch(/jp-(Notebook|Cell)/);
  await command('Show Compute');
  // What it shows is loaded when it is first seen: until then the panel itself has the focus.
  await expect(panel.profile).toBeVisible();
  await tabTo(page, panel.profile, 'Tab', 3);

  // The form: fields, the part that is folded away, and Enter, which runs.
  const dialog = page.getByRole('dialog');
  await command('Run notebook with options');
  await expect(dialog.getByLabel('Profile', { exact: true })).toBeFocused();
  expect.soft(await ringless(page, dialog), 'the form').toEqual([]);
  await tabTo(page, dialog.getByText('More options'));
  await page.keyboard.press('Enter');
  await tabTo(page, dialog.getByLabel('Name', { exact: true }));
  await page.keyboard.type('by keys');
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect.poll(() => focused(page)).not.toBe('');

  // The list: the focus is where one was, the menu key shows what may be done, Enter opens.
  const row = panel.row('by keys');
  await panel.sees(row, 'succeeded', 60_000);
  await command('Show Compute');
  await tabTo(page, row);
  await page.keyboard.press('Space');
  await expect(panel.root.getByRole('toolbar', { name: 'Selected jobs' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(row).toHaveAttribute('aria-selected', 'false');
  await page.keyboard.press('ContextMenu');
  await expect(page.getByRole('menuitem', { name: 'Open result' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menuitem', { name: 'Open result' })).toHaveCount(0);
  await expect(row).toBeFocused();
  await page.keyboard.press('Enter');

  // Its page has the focus; its tabs are one stop.
  const details = page.locator('.jp-Compute-details');
  await expect(details.getByRole('heading', { name: 'by keys' })).toBeVisible();
  await expect(details).toBeFocused();
  await tabTo(page, details.getByRole('tab', { name: 'Outputs' }));
  await page.keyboard.press('ArrowRight');
  await expect(details.getByRole('tab', { name: 'Log' })).toBeFocused();
  await expect(details.getByRole('tabpanel', { name: 'Log' })).toContainText('by hand');
  await page.keyboard.press('End');
  await expect(details.getByRole('tab', { name: 'Record' })).toBeFocused();
  await tabTo(page, details.getByRole('button', { name: 'Copy link' }), 'Shift+Tab');
  expect.soft(await ringless(page, details), 'the page of a job').toEqual([]);

  // A schedule is made, paused and deleted, and the focus is never lost.
  await tabTo(page, details.getByRole('button', { name: 'hands/off.ipynb' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await notebook.ready(2);
  await command('Run on a schedule');
  await expect(dialog).toContainText(/Next runs: /);
  await tabTo(page, dialog.getByLabel('Repeat'));
  await page.keyboard.type('Every week');
  await expect(dialog.getByLabel('Repeat')).not.toHaveValue('day');
  await tabTo(page, dialog.getByRole('button', { name: 'Create schedule' }));
  await page.keyboard.press('Enter');
  const schedule = page.getByRole('listitem', { name: 'off', exact: true });
  await expect(schedule).toBeVisible();
  const button = (name: string) => schedule.getByRole('button', { name, exact: true });
  await tabTo(page, button('Pause off'));
  expect.soft(await ringless(page, schedule), 'the schedules').toEqual([]);
  await tabTo(page, button('Pause off'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(button('Resume off')).toBeFocused();
  await tabTo(page, button('Delete off…'));
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('Delete schedule off?');
  await page.keyboard.press('Escape');
  await expect(button('Delete off…')).toBeFocused();
  await page.keyboard.press('Enter');
  await tabTo(page, dialog.getByRole('button', { name: 'Delete', exact: true }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('No notebook runs on a schedule.')).toBeVisible();
  await expect.poll(() => focused(page)).not.toBe('');
  await rest.clear();
});

test('wherever Tab leads in the panel, one sees it; the light theme and the dark ones', async ({
  lab,
  page,
  panel,
  rest
}) => {
  await rest.clear();
  await rest.save('hands/off.ipynb', [code('1')]);
  const job = await rest.run('hands/off.ipynb', { name: 'ring' });
  await rest.until(job.id);
  await lab.open('hands/off.ipynb');
  await panel.open();
  await panel.root.getByRole('button', { name: 'Filter, sort and group' }).click();
  for (const theme of ['JupyterLab Dark High Contrast', 'JupyterLab Dark', 'JupyterLab Light']) {
    await lab.theme(theme);
    await panel.root.getByRole('button', { name: 'Settings' }).focus();
    await page.keyboard.press('Tab');
    expect.soft(await ringless(page, panel.root), theme).toEqual([]);
  }
  await rest.clear();
});

test('nothing moves for those who asked for less motion', async ({ lab, page, panel, rest }) => {
  await rest.clear();
  await rest.save('hands/still.ipynb', [code('import time\ntime.sleep(600)')]);
  const job = await rest.run('hands/still.ipynb');
  await lab.open('hands/still.ipynb');
  await panel.open();
  await panel.sees(panel.row(job), 'running');
  await panel.row(job).click();
  await expect(page.locator('.jp-Compute-details').getByRole('heading')).toBeVisible();
  const moving = () =>
    page.evaluate(() =>
      document
        .getAnimations()
        .map(({ effect }) => (effect as KeyframeEffect).target as Element)
        .filter(node => node.closest('.jp-Compute, [class*="jp-Compute-"]'))
        .map(node => node.outerHTML.slice(0, 100))
    );
  await expect.poll(moving).not.toEqual([]);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(moving).toEqual([]);
  const slow = await page.evaluate(() =>
    [...document.querySelectorAll('.jp-Compute, .jp-Compute *')]
      .filter(node => !/^(0s(, )?)+$/.test(getComputedStyle(node).transitionDuration))
      .map(node => node.className)
  );
  expect(slow).toEqual([]);
  await rest.clear();
});
