import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { BrowserContext, PlaywrightWorkerArgs } from '@playwright/test';

/** What a story may leave behind. What the browser fetched and compiled of JupyterLab is no state, and stays. */
const LEFT = 'cookies,local_storage,indexeddb,service_workers,cache_storage,file_systems';

/** The browser of all stories of a worker: JupyterLab's scripts are fetched and compiled once, not in each story. */
export class Browser {
  constructor(private readonly _playwright: PlaywrightWorkerArgs['playwright']) {}

  /** A context with one empty page, for a story that visits this origin as if nobody had been there before. */
  async anew(origin: string): Promise<BrowserContext> {
    // In a story, as only there Playwright knows the options that stand in its configuration.
    this._context ??= await this._playwright.chromium.launchPersistentContext(this._folder);
    // At the beginning and not at the end, when a failed story's page has yet to be pictured.
    const before = this._context.pages();
    const page = await this._context.newPage();
    await Promise.all(before.map(each => each.close()));
    const session = await this._context.newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: LEFT });
    await session.detach();
    await this._context.clearCookies();
    await this._context.clearPermissions();
    return this._context;
  }

  async end(): Promise<void> {
    await this._context?.close();
    rmSync(this._folder, { recursive: true, force: true });
  }

  private readonly _folder = mkdtempSync(join(tmpdir(), 'compute-ui-browser-'));
  private _context: BrowserContext | null = null;
}
