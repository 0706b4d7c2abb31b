import { expect, test } from '../lab';
import { code } from '../rest';

/** What runs if somebody forgets to escape, in an attribute, in an element and in Markdown. */
const evil = (place: string) =>
  `<img src=x onerror="(window.__ran??=[]).push('${place}')"><script>(window.__ran??=[]).push('${place}')</script>`;
const EVIL_NAME = "[a](javascript:window.__ran=1) <img src=x onerror=window.__ran=['name']>.ipynb";

test('HTML and JavaScript in names, errors, outputs and logs are shown, never run', async ({
  lab,
  notebook,
  page,
  panel,
  rest
}) => {
  await rest.clear();
  await rest.save(`safety/${EVIL_NAME}`, [
    code(`print(${JSON.stringify(evil('stdout'))})`),
    code(`import sys; print(${JSON.stringify(evil('stderr'))}, file=sys.stderr)`),
    code(`raise ValueError(${JSON.stringify(evil('error'))})`)
  ]);
  await lab.open();
  await panel.open();
  const job = await rest.run(`safety/${EVIL_NAME}`, { name: `${evil('job name')}`.slice(0, 200) });
  const row = panel.row(job);
  await panel.sees(row, 'failed');
  await expect(row).toContainText('<img src=x onerror=');
  await expect(row).toContainText('ValueError: <img');

  const toast = page.locator('.Toastify__toast').filter({ hasText: 'Failed' });
  await expect(toast).toContainText('<img src=x');
  await row.press('Enter');
  const details = page.locator('.jp-Compute-details');
  await expect(details.getByRole('heading')).toContainText('<img src=x');
  for (const tab of await details.getByRole('tab').all()) {
    await tab.click();
    await expect(tab).toHaveAttribute('aria-selected', 'true');
    if (/Outputs|Log/.test(await tab.innerText())) {
      await expect(details).toContainText("push('std");
    }
  }
  expect.soft(await page.evaluate(() => (window as { __ran?: unknown }).__ran)).toBeUndefined();

  await lab.page
    .locator('.jp-SideBar')
    .getByRole('tab', { name: /^File Browser/ })
    .click();
  await page.locator('.jp-DirListing-item').filter({ hasText: 'safety' }).dblclick();
  await page.locator('.jp-DirListing-item').filter({ hasText: 'javascript' }).dblclick();
  await notebook.ready(3);
  await panel.open();
  await notebook.select(0, 2);
  await panel.runCells.click();
  await expect(notebook.output(0)).toContainText('<img src=x');
  await expect(notebook.badge(2)).toContainText('failed');
  await expect(notebook.output(2).last()).toContainText('<img src=x');
  expect(await page.evaluate(() => (window as { __ran?: unknown }).__ran)).toBeUndefined();
  await rest.clear();
});
