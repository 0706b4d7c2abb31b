import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { isActive } from '../api/states';
import type { Job } from '../api/types';
import { isStale } from './words';

/** A list of files on the screen. */
export interface IListing {
  readonly node: HTMLElement;
  /** The folder that it shows, as the server names it; null: of a drive that is not the server's. */
  folder(): string | null;
}

/** What a badge says: how the jobs of a notebook are, in one word for its shape, and in a sentence. */
type Badge = Readonly<{ state: 'running' | 'waiting' | 'stale'; text: string }>;

const ITEM = '.jp-DirListing-item';
const NAME = '.jp-DirListing-itemText';
const ICON = '.jp-DirListing-itemIcon';

/**
 * Marks the notebooks with active jobs in lists of files.
 *
 * From outside, by names that JupyterLab's style sheets use throughout 4.x: its renderer can be replaced (since 4.6, for the
 * default browser, by one extension), not added to. We write attributes only, so that a list that is drawn anew loses nothing
 * but a mark, which comes back; and we look at lists only while there is something to mark.
 */
export class FileBadges implements IDisposable {
  constructor(private readonly _trans: TranslationBundle) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this.show([]);
      this._listings.clear();
      this._isDisposed = true;
    }
  }

  add(listing: IListing): void {
    this._listings.add(listing);
    this._observe();
    this._draw();
  }

  remove(listing: IListing): void {
    this._listings.delete(listing);
    this._observe();
  }

  show(jobs: readonly Job[]): void {
    this._badges = badges(jobs, this._trans);
    this._observe();
    this._draw();
  }

  private _observe(): void {
    this._observer.disconnect();
    if (this._badges.size > 0) {
      for (const { node } of this._listings) {
        this._observer.observe(node, { childList: true, characterData: true, subtree: true });
      }
    }
  }

  private _draw(): void {
    for (const listing of this._listings) {
      const folder = listing.folder();
      for (const item of listing.node.querySelectorAll<HTMLElement>(ITEM)) {
        const name = item.querySelector(NAME);
        const path = folder !== null && name ? PathExt.join(folder, name.textContent ?? '') : '';
        mark(item, this._badges.get(path));
      }
    }
  }

  private readonly _listings = new Set<IListing>();
  private readonly _observer = new MutationObserver(() => this._draw());
  private _badges: ReadonlyMap<string, Badge> = new Map();
  private _isDisposed = false;
}

function mark(item: HTMLElement, badge: Badge | undefined): void {
  if (item.dataset.jpCompute === badge?.state && (!badge || titleOf(item) === badge.text)) {
    return;
  }
  const icon = item.querySelector<HTMLElement>(ICON);
  const name = item.querySelector<HTMLElement>(NAME);
  if (badge) {
    item.dataset.jpCompute = badge.state;
    icon?.setAttribute('title', badge.text);
    name?.setAttribute('aria-description', badge.text);
  } else {
    delete item.dataset.jpCompute;
    icon?.removeAttribute('title');
    name?.removeAttribute('aria-description');
  }
}

function titleOf(item: HTMLElement): string | undefined {
  return item.querySelector<HTMLElement>(ICON)?.title;
}

function badges(jobs: readonly Job[], trans: TranslationBundle): ReadonlyMap<string, Badge> {
  const active = new Map<string, Job[]>();
  for (const job of jobs.filter(({ state }) => isActive(state))) {
    active.set(job.source.path, [...(active.get(job.source.path) ?? []), job]);
  }
  return new Map([...active].map(([path, its]) => [path, badge(its, trans)]));
}

function badge(jobs: readonly Job[], trans: TranslationBundle): Badge {
  const fresh = jobs.filter(job => !isStale(job));
  const running = fresh.filter(({ state }) => state === 'running' || state === 'completing');
  const [runs, waits, silent] = [
    running.length,
    fresh.length - running.length,
    jobs.length - fresh.length
  ];
  const words = [
    ...(runs ? [trans._n('%1 job runs', '%1 jobs run', runs)] : []),
    ...(waits ? [trans._n('%1 job waits', '%1 jobs wait', waits)] : []),
    ...(silent ? [trans._n('%1 job without word', '%1 jobs without word', silent)] : [])
  ];
  return {
    state: runs ? 'running' : waits ? 'waiting' : 'stale',
    text: trans.__('Compute: %1', words.join(', '))
  };
}
