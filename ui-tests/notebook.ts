import { expect, type Locator, type Page } from '@playwright/test';

/** The notebook that is on the screen. */
export class Notebook {
  constructor(readonly page: Page) {
    this.root = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)');
    this.toolbar = this.root.locator('.jp-NotebookPanel-toolbar');
    this.cells = this.root.locator('.jp-Notebook .jp-Cell');
    this.tab = page.locator('#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current');
  }

  readonly root: Locator;
  readonly toolbar: Locator;
  readonly cells: Locator;
  readonly tab: Locator;

  async ready(cells: number): Promise<void> {
    await expect(this.cells).toHaveCount(cells);
    await expect(this.root.locator('.jp-Notebook')).toBeVisible();
  }

  /** Wait for the kernel, whose description JupyterLab writes into the document, and save that. */
  async settle(): Promise<void> {
    const indicator = this.toolbar.locator('.jp-Notebook-ExecutionIndicator');
    await expect(indicator).toHaveAttribute('data-status', 'idle');
    await this.dirty();
    await this.save();
  }

  cell(index: number): Locator {
    return this.cells.nth(index);
  }

  /** What one sees below a cell. */
  output(index: number): Locator {
    return this.cell(index).locator('.jp-OutputArea-output:visible');
  }

  badge(index: number): Locator {
    return this.cell(index).locator('.jp-Compute-badge');
  }

  /** How many pixels the badge and JupyterLab's toolbar of that cell have in common, side by side. */
  async covered(index: number): Promise<number> {
    const [badge, toolbar] = await Promise.all(
      [this.badge(index), this.cell(index).locator('.jp-cell-toolbar')].map(each =>
        each.boundingBox()
      )
    );
    return Math.max(0, badge!.x + badge!.width - toolbar!.x);
  }

  /** Select cells from one to another, in command mode. */
  async select(from: number, to = from): Promise<void> {
    await this.cell(from).locator('.jp-InputPrompt').click();
    if (to !== from) {
      await this.cell(to)
        .locator('.jp-InputPrompt')
        .click({ modifiers: ['Shift'] });
    }
  }

  /** Put other text into a cell, as if typed. */
  async type(index: number, text: string): Promise<void> {
    await this.cell(index).locator('.cm-content').click();
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.insertText(text);
    await this.page.keyboard.press('Escape');
  }

  async save(): Promise<void> {
    await this.root.locator('.jp-Notebook').focus();
    await this.page.keyboard.press('Control+s');
    await this.clean();
  }

  async dirty(): Promise<void> {
    await expect(this.tab).toHaveClass(/jp-mod-dirty/);
  }

  /** From now on, count how often the document becomes dirty. */
  async countDirty(): Promise<void> {
    await this.tab.evaluate(tab => {
      const counter = { times: 0, was: tab.classList.contains('jp-mod-dirty') };
      Object.assign(window, { __dirty: counter });
      const look = () => {
        const is = document
          .querySelector('#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current')!
          .classList.contains('jp-mod-dirty');
        counter.times += is && !counter.was ? 1 : 0;
        counter.was = is;
      };
      const options = { attributes: true, subtree: true, attributeFilter: ['class'] };
      new MutationObserver(look).observe(document.getElementById('jp-main-dock-panel')!, options);
    });
  }

  async timesDirty(): Promise<number> {
    return this.page.evaluate(
      () => (window as unknown as { __dirty: { times: number } }).__dirty.times
    );
  }

  async clean(): Promise<void> {
    await expect(this.tab).not.toHaveClass(/jp-mod-dirty/);
  }
}
