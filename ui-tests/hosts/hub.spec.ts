import type { Browser } from '@playwright/test';

import { code } from '../rest';
import { expect, Tab, test, type Host } from './host';

/** Log in; the hub starts a server of one's own, and leads to the notebook there. */
async function enter(browser: Browser, host: Host, name: string, path: string): Promise<Tab> {
  const page = await (await browser.newContext()).newPage();
  const notebook = encodeURIComponent(`/jupyter/user/${name}/lab/tree/${path}`);
  const spawn = encodeURIComponent(`/jupyter/hub/spawn/${name}?next=${notebook}`);
  await page.goto(`${host.url}hub/login?next=${spawn}`);
  await page.locator('#username_input').fill(name);
  await page.locator('#password_input').fill('anything');
  await page.locator('#login_submit').click();
  await page.waitForURL(`${host.url}user/${name}/lab/tree/${path}`, { timeout: 90_000 });
  const tab = new Tab(page, `${host.url}user/${name}/`);
  await tab.ready();
  return tab;
}

test('two users run cells below a base URL, and each sees only what is theirs', async ({
  browser,
  host
}) => {
  // Two servers are started in it.
  test.setTimeout(240_000);
  const tabs: Tab[] = [];
  for (const name of ['ada', 'grace']) {
    host.saveAt(`home/${name}/of-${name}.ipynb`, [code(`print("for", "${name}")`)]);
    const tab = await enter(browser, host, name, `of-${name}.ipynb`);
    tabs.push(tab);
    await tab.notebook.select(0);
    await tab.panel.runCells.click();
    await expect(tab.panel.inState('succeeded')).toHaveCount(1, { timeout: 60_000 });
    await expect(tab.notebook.output(0)).toHaveText(`for ${name}`);
    await expect(tab.panel.rows).toHaveCount(1);
    await expect(tab.panel.rows).toContainText(`of-${name}`);
  }
  expect(tabs.flatMap(tab => tab.complaints)).toEqual([]);
  expect(host.complaints).toEqual([]);

  const [ada, grace] = tabs;
  // Her cookies open nothing of another's; and no request of her own that another page made up.
  const { request } = ada.page;
  expect((await request.get(`${grace.url}compute/api/jobs`)).status()).toBe(403);
  expect((await request.post(`${ada.url}compute/api/jobs`, { data: {} })).status()).toBe(403);
});
