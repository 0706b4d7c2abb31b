import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Locator, Page } from '@playwright/test';

const ROOT = join(__dirname, '..');
const IMAGES = join(ROOT, 'docs', 'images');
const FRAMES = join(ROOT, 'reports', 'film');

/** Whether the stories leave pictures behind; otherwise they only have to come to their end. */
const UPDATES = Boolean(process.env.COMPUTE_UPDATE_IMAGES);

/** A picture of the pages, made anew. */
export async function picture(of: Page | Locator, name: string): Promise<void> {
  if (UPDATES) {
    mkdirSync(IMAGES, { recursive: true });
    await of.screenshot({ path: join(IMAGES, `${name}.png`), animations: 'disabled' });
  }
}

/** Frames of a film, each with how long it is to be seen; `scripts/film.py` puts them together. */
export class Film {
  constructor(private readonly _page: Page) {
    if (UPDATES) {
      rmSync(FRAMES, { recursive: true, force: true });
      mkdirSync(FRAMES, { recursive: true });
    }
  }

  /** What is on the screen now. */
  async frame(milliseconds: number): Promise<void> {
    if (UPDATES) {
      const file = `${String(this._frames.length).padStart(3, '0')}.png`;
      await this._page.screenshot({ path: join(FRAMES, file), animations: 'disabled' });
      this._frames.push({ file, milliseconds });
      writeFileSync(join(FRAMES, 'frames.json'), JSON.stringify(this._frames, null, 1));
    }
  }

  private readonly _frames: { file: string; milliseconds: number }[] = [];
}
