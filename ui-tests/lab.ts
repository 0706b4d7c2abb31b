import { randomBytes } from 'node:crypto';

import { expect, test as base, type Page } from '@playwright/test';

import { Browser } from './browser';
import { Notebook } from './notebook';
import { Panel } from './panel';
import { Rest } from './rest';
import { World } from './world';

export { expect };

/** JupyterLab in one page, in a workspace of the story's own. */
export class Lab {
  constructor(
    readonly page: Page,
    readonly world: World,
    private readonly _workspace = randomBytes(6).toString('hex')
  ) {
    this.panel = new Panel(page);
    this.notebook = new Notebook(page);
  }

  readonly panel: Panel;
  readonly notebook: Notebook;

  /** Open JupyterLab, with that file if one is named, and wait until it can be used. */
  async open(path = ''): Promise<void> {
    const { url, token } = this.world.facts;
    const tree = path ? `/tree/${encodeURI(path)}` : '';
    await this.page.goto(`${url}lab/workspaces/${this._workspace}${tree}?token=${token}`);
    await this.ready();
  }

  /** Choose from the menu bar, as one would with the mouse. */
  async menu(...names: string[]): Promise<void> {
    for (const name of names) {
      const items = this.page.locator('.lm-MenuBar-itemLabel, .lm-Menu-itemLabel');
      await items.getByText(name, { exact: true }).last().click();
    }
  }

  /** Open the palette and search it. */
  async palette(words: string): Promise<void> {
    const search = this.page.getByPlaceholder('SEARCH', { exact: true });
    // It closes when a notebook that has just come takes the focus.
    await expect(async () => {
      if (!(await search.isVisible())) {
        await this.page.keyboard.press('Control+Shift+c');
      }
      await search.fill(words, { timeout: 1000 });
      await expect(search).toBeFocused({ timeout: 1000 });
    }).toPass();
  }

  async theme(name: string): Promise<void> {
    await this.menu('Settings', 'Theme', name);
    await expect(this.page.locator('body')).toHaveAttribute('data-jp-theme-name', name);
    await expect(this.page.locator('.lm-Menu')).toHaveCount(0);
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  async ready(): Promise<void> {
    await this.page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
    await this.page.locator('#jp-main-dock-panel').waitFor();
  }
}

type Fixtures = { world: World; rest: Rest; lab: Lab; panel: Panel; notebook: Notebook };

export const test = base.extend<Fixtures, { ours: Browser }>({
  ours: [
    async ({ playwright }, use) => {
      const ours = new Browser(playwright);
      await use(ours);
      await ours.end();
    },
    { scope: 'worker' }
  ],
  context: async ({ ours, world }, use) => {
    await use(await ours.anew(new URL(world.facts.url).origin));
  },
  page: async ({ context }, use) => {
    await use(context.pages()[0]);
  },
  world: async ({}, use) => {
    await use(World.shared());
  },
  rest: async ({ playwright, world }, use) => {
    const http = await playwright.request.newContext();
    await use(new Rest(http, world.facts.url, world.facts.token));
    await http.dispose();
  },
  lab: async ({ page, world }, use) => {
    await use(new Lab(page, world));
  },
  panel: async ({ lab }, use) => {
    await use(lab.panel);
  },
  notebook: async ({ lab }, use) => {
    await use(lab.notebook);
  }
});
