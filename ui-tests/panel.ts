import { expect, type Locator, type Page, type TestInfo } from '@playwright/test';

import { findings } from './axe';
import type { State } from './rest';

/** The sidebar, by what a person or a screen reader finds in it. */
export class Panel {
  constructor(readonly page: Page) {
    this.root = page.getByRole('region', { name: 'Compute', exact: true });
    this.profile = this.root.getByRole('button', { name: /^Profile: / });
    this.runCells = this.root.getByRole('button', { name: /^Run (\d+ )?cells?$/ });
    this.runNotebook = this.root.getByRole('button', { name: 'Run notebook' });
    this.search = this.root.getByRole('searchbox', { name: 'Search jobs' });
    this.rows = this.root.getByRole('row');
    this.foot = this.root.getByLabel('Schedulers');
  }

  readonly root: Locator;
  readonly profile: Locator;
  readonly runCells: Locator;
  readonly runNotebook: Locator;
  readonly search: Locator;
  readonly rows: Locator;
  readonly foot: Locator;

  /** Show it, unless it is on the screen, and wait for its first list. */
  async open(): Promise<void> {
    const tab = this.page.locator('.jp-SideBar').getByRole('tab', { name: /^Compute/ });
    // A layout that is being restored may show it in the moment between look and click, which then hides it.
    await expect(async () => {
      if (!(await this.root.isVisible())) {
        await tab.click();
      }
      await expect(this.root).toBeVisible({ timeout: 2000 });
    }).toPass();
    await expect(this.profile).toBeVisible();
    await expect(this.root.getByText('Loading…')).toHaveCount(0);
  }

  /** Make the sidebar that many pixels wide, by its edge, as one would with the mouse. */
  async resize(width: number): Promise<void> {
    const box = (await this.root.boundingBox())!;
    const y = box.y + box.height / 2;
    await this.page.mouse.move(box.x + box.width + 1, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + width + 1, y, { steps: 3 });
    await this.page.mouse.up();
    await expect.poll(async () => Math.round((await this.root.boundingBox())!.width)).toBe(width);
  }

  /** A picture of the panel for those who read the report. */
  async picture(info: TestInfo, name: string): Promise<void> {
    const path = info.outputPath(`${name}.png`);
    await this.root.screenshot({ path });
    await info.attach(name, { path });
  }

  async choose(title: string): Promise<void> {
    await this.profile.click();
    await this.option(title).click();
    await expect(this.profile).toHaveAccessibleName(`Profile: ${title}`);
  }

  /** One of the profiles, while they are shown. */
  option(title: string): Locator {
    const exact = this.page.getByText(title, { exact: true });
    return this.root.getByRole('option').filter({ has: exact });
  }

  /** The rows of jobs with that name, or the row of the job with that id. */
  row(job: string | { id: string }): Locator {
    return typeof job === 'string'
      ? this.rows.filter({ has: this.page.getByText(job, { exact: true }) })
      : this.root.locator(`[role="row"][data-id="${job.id}"]`);
  }

  inState(state: State): Locator {
    return this.root.locator(`[role="row"][data-state="${state}"]`);
  }

  /** What may be done with the job; shown when the row is pointed at. */
  async action(row: Locator, name: string): Promise<Locator> {
    await row.hover();
    return row.getByRole('button', { name, exact: true });
  }

  /** Wait, without a reload, until the row says so. */
  async sees(row: Locator, state: State, within = 30_000): Promise<void> {
    await expect(row).toHaveAttribute('data-state', state, { timeout: within });
  }

  /** What axe finds in our own nodes; JupyterLab's page has findings of its own. */
  async findings(...more: string[]): Promise<string[]> {
    return findings(this.page, '#jupyterlab-compute-panel', ...more);
  }
}
