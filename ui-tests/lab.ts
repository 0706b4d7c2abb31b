import { test as base, type Page } from '@playwright/test';

import { Rest } from './rest';
import { World } from './world';

export { expect } from '@playwright/test';

/** JupyterLab in one page, in a workspace of the story's own. */
export class Lab {
  constructor(
    readonly page: Page,
    readonly world: World,
    private readonly _workspace: string
  ) {}

  /** Open JupyterLab, with that file if one is named, and wait until it can be used. */
  async open(path = ''): Promise<void> {
    const { url, token } = this.world.facts;
    const tree = path ? `/tree/${encodeURI(path)}` : '';
    await this.page.goto(`${url}lab/workspaces/${this._workspace}${tree}?token=${token}`);
    await this.ready();
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

type Fixtures = { world: World; rest: Rest; lab: Lab };

export const test = base.extend<Fixtures>({
  // Playwright wants to see the names of what a fixture uses, here none.
  // eslint-disable-next-line no-empty-pattern
  world: async ({}, use) => {
    await use(World.shared());
  },
  rest: async ({ playwright, world }, use) => {
    const http = await playwright.request.newContext();
    await use(new Rest(http, world.facts.url, world.facts.token));
    await http.dispose();
  },
  lab: async ({ page, world }, use, { testId }) => {
    await use(new Lab(page, world, testId.slice(-12)));
  }
});
