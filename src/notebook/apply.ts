import type { ISharedCodeCell } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';
import { JSONExt } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';

import { ComputeError } from '../api/errors';
import type { IJobs } from '../tokens';
import { codeCell, commit } from './commit';
import { sha256 } from './sha256';
import type { LiveCell, LiveJob, LiveStore } from './store';

/** A claim of another page that did not come to its end is void after a minute. */
const OTHER_CLAIM_MS = 61_000;
const RETRY_MS = 5_000;
const TRIES = 12;
/** JupyterLab draws what it is given at once: after so long the page has its turn, for keys and clicks. */
const SLICE_MS = 50;
/** A claim lasts a minute; who takes longer claims again in time. */
const OWN_CLAIM_MS = 20_000;

/** The cells of one pass, each with the part of the document that it was written into, if it was. */
type Tried = Map<LiveCell, object | null>;

export interface IApplierOptions {
  readonly jobs: Pick<IJobs, 'claimApplied'>;
  readonly store: LiveStore;
  /** Made up by this page when it loaded. */
  readonly page: string;
  /** The notebook if it is open and loaded. */
  readonly notebook: (path: string) => INotebookModel | null;
}

/**
 * Brings the outputs of a job that has ended into its notebook: once, by the one page that claimed it.
 *
 * Two pages that write the same outputs into a shared document double them, and no marker in the document prevents that.
 */
export class Applier implements IDisposable {
  constructor(private _options: IApplierOptions) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._timers.forEach(timer => clearTimeout(timer));
    this._timers.clear();
  }

  /** Does what is left to do for a job, if its outputs are complete and its notebook is open. May be asked at any time. */
  async apply(live: LiveJob): Promise<void> {
    if (this._busy.has(live) || !this._isReady(live)) {
      return;
    }
    this.compare(live);
    this._settle(live);
    if (this._ours.has(live)) {
      await this._commitAll(live);
      return;
    }
    const applied = live.job?.applied;
    if (applied?.done && applied.page !== this._options.page) {
      this._leaveToOthers(live);
      return;
    }
    if (applied?.done || this._isUpToUser(live) || this._timers.has(live)) {
      return;
    }
    this._busy.add(live);
    const isOurs = await this._claim(live, false);
    this._busy.delete(live);
    if (!this._isReady(live)) {
      // The notebook was closed meanwhile: the claim waits for its return.
      return;
    }
    if (isOurs) {
      this._ours.add(live);
      if (await this._commitAll(live)) {
        await this._claim(live, true);
      }
    } else if (live.job?.applied?.done) {
      // It was heard while our own claim was on the way, which was not the moment to act on it.
      await this.apply(live);
    }
  }

  /** The user wants the result of this cell, whatever was changed or run since. */
  async show(live: LiveJob, cell: LiveCell): Promise<void> {
    cell.isRevealed = true;
    live.recognise();
    this._options.store.touch(live);
    await this.apply(live);
  }

  /** Whether the cells are still what was sent. */
  compare(live: LiveJob): void {
    const notebook = this._model(live);
    let isNews = false;
    for (const cell of notebook ? live.cells.values() : []) {
      const source = codeCell(notebook!, cell.id)?.sharedModel.getSource();
      const isChanged = source !== undefined && cell.sha256 !== sha256(source);
      isNews ||= isChanged !== cell.isChanged;
      cell.isChanged = isChanged;
    }
    if (isNews) {
      this._options.store.touch(live);
    }
  }

  private _isReady(live: LiveJob): boolean {
    return !this._isDisposed && !live.isDisposed && live.isComplete && this._model(live) !== null;
  }

  /** Every result waits for a click: then nobody has to claim anything yet, and a reload of the page asks again. */
  private _isUpToUser(live: LiveJob): boolean {
    const open = [...live.cells.values()].filter(cell => cell.hasResult && cell.fate === 'open');
    return open.length > 0 && open.every(cell => (cell.isChanged || cell.isUnsure) && cell.waits);
  }

  /**
   * Writes all that may be written, a few cells at a time. False when it was interrupted, because the notebook was closed, the
   * claim could not be kept or a cell could not be written: then whoever goes on claims again, and writes all of them, for
   * nobody knows how much of this was saved. Writing twice does no harm.
   */
  private async _commitAll(live: LiveJob): Promise<boolean> {
    this._busy.add(live);
    const tried: Tried = new Map();
    let claimed = performance.now();
    try {
      while (!this._commitSome(live, tried)) {
        await turn();
        let isOurs = this._isReady(live);
        if (isOurs && performance.now() - claimed > OWN_CLAIM_MS) {
          claimed = performance.now();
          isOurs = (await this._claim(live, false)) && this._isReady(live);
        }
        if (!isOurs) {
          this._ours.delete(live);
          reopen(tried.keys());
          break;
        }
      }
    } catch (error) {
      // Its view stays below the cell meanwhile.
      // eslint-disable-next-line no-console -- a bug, of whoever listens to the document; nobody else would hear of it
      console.error(error);
      this._ours.delete(live);
      reopen(tried.keys());
      this._later(live, false, RETRY_MS);
    } finally {
      this._busy.delete(live);
    }
    return this._ours.has(live);
  }

  /** Writes cells that were not tried yet, for a moment; whether all were tried. */
  private _commitSome(live: LiveJob, tried: Tried): boolean {
    const began = performance.now();
    let isNews = false;
    this.compare(live);
    // What was read from the disk again has lost what was written into it.
    const lost = [...tried].filter(
      ([cell, into]) => into !== null && into !== this._shared(live, cell)
    );
    lost.forEach(([cell]) => tried.delete(cell));
    reopen(lost.map(([cell]) => cell));
    // One that somebody asked to see meanwhile is among them.
    const cells = [...live.cells.values()].filter(cell => !tried.has(cell) && this._isDue(cell));
    for (const cell of cells) {
      const isWritten = this._commit(live, cell);
      tried.set(cell, isWritten ? this._shared(live, cell) : null);
      isNews ||= isWritten;
      // At least one each time, however slow.
      if (performance.now() - began > SLICE_MS) {
        break;
      }
    }
    if (isNews) {
      this._options.store.touch(live);
    }
    return cells.every(cell => tried.has(cell));
  }

  private _shared(live: LiveJob, cell: LiveCell): object | null {
    const notebook = this._model(live);
    return (notebook && codeCell(notebook, cell.id)?.sharedModel) ?? null;
  }

  private _isDue(cell: LiveCell): boolean {
    return cell.fate === 'open' && !cell.waits && cell.hasResult;
  }

  private _commit(live: LiveJob, cell: LiveCell): boolean {
    const notebook = this._model(live);
    const newest = this._options.store.entries(live.path).get(cell.id)?.cell === cell;
    if (!notebook || !newest || !this._isDue(cell)) {
      return false;
    }
    // Setting a count makes JupyterLab take the present source for the one that ran.
    const count = cell.isChanged ? null : cell.live.cell.executionCount;
    if (!commit(notebook, cell.id, cell.live.toJSON(), count)) {
      // Deleted or merged; undo may bring it back.
      return false;
    }
    cell.fate = 'committed';
    return true;
  }

  /** Another window has put the outputs into its document, which is ours as well when it is shared. */
  private _leaveToOthers(live: LiveJob): void {
    const isShared = this._model(live)?.collaborative === true;
    const left = [...live.cells.values()].filter(
      cell => cell.fate === 'open' && cell.hasResult && !cell.waits
    );
    if (left.length > 0) {
      left.forEach(cell => {
        cell.fate = isShared ? 'committed' : 'elsewhere';
      });
      this._options.store.touch(live);
    }
  }

  /** What another window kept may have come with the file: then it is in the document, and its view has done its work. */
  private _settle(live: LiveJob): void {
    const notebook = this._model(live)!;
    const settled = [...live.cells.values()].filter(cell => {
      const shared = cell.fate === 'elsewhere' && codeCell(notebook, cell.id)?.sharedModel;
      const there = shared && (shared as ISharedCodeCell).getOutputs();
      return there && JSONExt.deepEqual(there as never, cell.live.toJSON() as never);
    });
    settled.forEach(cell => {
      cell.fate = 'committed';
    });
    if (settled.length > 0) {
      this._options.store.touch(live);
    }
  }

  private async _claim(live: LiveJob, done: boolean): Promise<boolean> {
    const { jobs, page } = this._options;
    try {
      live.update(await jobs.claimApplied(live.key, page, done));
      return true;
    } catch (error) {
      const status = error instanceof ComputeError ? error.status : undefined;
      if (status === 409) {
        // It is done, or will be, or nobody did it after all: the next look will tell.
        this._later(live, done, OTHER_CLAIM_MS);
      } else if (status === undefined || status >= 500) {
        this._later(live, done, RETRY_MS);
      }
      return false;
    }
  }

  private _later(live: LiveJob, done: boolean, ms: number): void {
    const tries = (this._tries.get(live) ?? 0) + 1;
    this._tries.set(live, tries);
    if (this._isDisposed || tries > TRIES) {
      return;
    }
    const again = () => {
      this._timers.delete(live);
      void (done ? this._claim(live, true) : this.apply(live));
    };
    this._timers.set(live, setTimeout(again, ms));
  }

  private _model(live: LiveJob): INotebookModel | null {
    return this._options.notebook(live.path);
  }

  private readonly _busy = new Set<LiveJob>();
  /** Jobs whose outputs this page may write. */
  private readonly _ours = new WeakSet<LiveJob>();
  private readonly _tries = new WeakMap<LiveJob, number>();
  /** A claim that was refused is made again after a while, and not with every key that is pressed. */
  private readonly _timers = new Map<LiveJob, ReturnType<typeof setTimeout>>();
  private _isDisposed = false;
}

/** Those that are in the document are so no longer, or perhaps not. */
function reopen(cells: Iterable<LiveCell>): void {
  for (const cell of cells) {
    if (cell.fate === 'committed') {
      cell.fate = 'open';
    }
  }
}

/** Lets everything else that waits have its turn. A message is not held back as timers are, nor in a hidden page. */
function turn(): Promise<void> {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
