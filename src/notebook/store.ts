import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { isFinal } from '../api/states';
import type { Job, OutputEvent, Outputs } from '../api/types';
import { LiveOutputs } from './live';
import { CellOutputs } from './outputs';
import { sha256 } from './sha256';
import type { Source } from './source';

/**
 * What becomes of a cell's outputs: still to be decided; in the notebook; put there by another window, whose document is not
 * ours; or not wanted.
 */
export type Fate = 'open' | 'committed' | 'elsewhere' | 'dismissed';

/** A cell whose outputs come back into the notebook. */
export class LiveCell {
  constructor(
    readonly id: string,
    /** Of its source as it was sent. */
    readonly sha256: string,
    readonly live: LiveOutputs
  ) {}

  fate: Fate = 'open';
  /** Its source is another one now. */
  isChanged = false;
  /** It was run in the notebook's own kernel since. */
  ranHere = false;
  /** It may be the cell of another notebook, whose name this one had; see `isAlike`. */
  isUnsure = false;
  /** The user asked to see the result all the same. */
  isRevealed = false;

  /** Its outputs do not replace what is there unless the user says so. */
  get waits(): boolean {
    return (
      this.fate === 'open' && (this.isChanged || this.ranHere || this.isUnsure) && !this.isRevealed
    );
  }

  /** The view stands in place of the outputs in the document. */
  get isShown(): boolean {
    return (this.fate === 'open' || this.fate === 'elsewhere') && !this.waits && this.live.hasNews;
  }

  /** There is something that belongs into the notebook. */
  get hasResult(): boolean {
    const { cell } = this.live;
    return cell.status === 'ok' || cell.status === 'error' || cell.outputs.length > 0;
  }
}

export type SentCell = { readonly id: string; readonly sha256: string };

/** The cells that a source names, each with the hash of what was sent. */
export function sentCells({ content, cell_ids = [] }: Source): SentCell[] {
  const sources = new Map(
    (content?.cells ?? []).map(cell => {
      const { id, source } = cell as { id?: string; source?: string | string[] };
      return [id, [source ?? ''].flat().join('')];
    })
  );
  return cell_ids.map(id => ({ id, sha256: sha256(sources.get(id) ?? '') }));
}

/** A job whose outputs come back into the cells of a notebook. */
export class LiveJob implements IDisposable {
  constructor(
    /** The key of the request while there is no job yet, then the job's id. */
    public key: string,
    public path: string,
    public profileTitle: string,
    readonly sentAtMs: number,
    private _leftOut: (chars: number) => string
  ) {}

  readonly cells = new Map<string, LiveCell>();
  readonly before = new Map<string, CellOutputs>();
  job: Job | null = null;
  /** Why it could not be sent. */
  error: string | null = null;
  /** The path that it was sent from, where only the likeness of the cells says that this is the notebook. */
  likeness: string | null = null;
  /** All events have come, and there will be no others. */
  isComplete = false;
  /** Where to go on reading. */
  attempt: number | undefined;
  next = 0;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Nothing will happen by itself any more. */
  get hasEnded(): boolean {
    return this.error !== null || (this.job !== null && isFinal(this.job.state));
  }

  /** It is over, and what it brought is in the notebook or not wanted there. */
  get isDecided(): boolean {
    const isOver = this.job !== null && isFinal(this.job.state);
    const cells = [...this.cells.values()];
    return isOver && cells.every(cell => cell.fate !== 'open' || !cell.hasResult);
  }

  /** The cell before the chosen ones that failed. */
  get failedBefore(): CellOutputs | null {
    return [...this.before.values()].find(({ status }) => status === 'error') ?? null;
  }

  expect(cells: readonly SentCell[]): void {
    for (const { id, sha256 } of cells) {
      if (!this.cells.has(id)) {
        const cell = new LiveCell(id, sha256, new LiveOutputs(this._leftOut));
        cell.isUnsure = this.likeness !== null;
        this.cells.set(id, cell);
      }
    }
  }

  /** The user says that this is the notebook it was sent from. */
  recognise(): void {
    this.likeness = null;
    this.cells.forEach(cell => {
      cell.isUnsure = false;
    });
  }

  /** Takes the job as the server knows it now. */
  update(job: Job): void {
    this.job = job;
    this.key = job.id;
    this.profileTitle = job.profile_title;
    this.expect(
      job.source.cells
        .filter(({ role }) => role === 'selected')
        .map(({ id, source_sha256 }) => ({ id, sha256: source_sha256 }))
    );
  }

  read(page: Outputs): void {
    if (this.attempt !== undefined && this.attempt !== page.attempt) {
      this.before.clear();
      this.cells.forEach(({ live }) => live.reset());
    }
    this.attempt = page.attempt;
    this.next = page.next;
    page.events.forEach(event => this._read(event));
    this.isComplete = page.ended && !page.more;
    for (const { live } of this.cells.values()) {
      // The first output is not kept waiting: with it the view appears.
      if (this.isComplete || !live.hasNews) {
        live.flush();
      }
    }
  }

  dispose(): void {
    this._isDisposed = true;
    this.cells.forEach(({ live }) => live.dispose());
    this.cells.clear();
  }

  private _read(event: OutputEvent): void {
    if (event.event === 'update_display') {
      // Any cell may change what another one displays.
      this.cells.forEach(({ live }) => live.apply(event));
      this.before.forEach(cell => cell.apply(event));
      return;
    }
    const cell = this.cells.get(event.cell);
    if (cell) {
      cell.live.apply(event);
      return;
    }
    const before = this.before.get(event.cell) ?? new CellOutputs();
    this.before.set(event.cell, before);
    before.apply(event);
  }

  private _isDisposed = false;
}

export type Entry = { readonly job: LiveJob; readonly cell: LiveCell };

/** The jobs whose outputs come back into cells: of all notebooks, open or closed. It belongs to the page, not to a widget. */
export class LiveStore implements IDisposable {
  /** Something about this job is to be shown anew; what cells print is told by their models. */
  get changed(): ISignal<this, LiveJob> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Newest first. */
  get jobs(): readonly LiveJob[] {
    return this._jobs;
  }

  of(path: string): LiveJob[] {
    return this._jobs.filter(job => job.path === path);
  }

  find(key: string): LiveJob | undefined {
    return this._jobs.find(job => job.key === key);
  }

  /**
   * For each cell of a notebook the newest job that has it.
   *
   * A result whose mark was taken away still stands before older ones: they do not come back in its place.
   */
  entries(path: string): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    const settled = new Set<string>();
    for (const job of this.of(path)) {
      for (const [id, cell] of job.cells) {
        if (settled.has(id) || (cell.fate === 'dismissed' && !cell.hasResult)) {
          continue;
        }
        settled.add(id);
        if (cell.fate !== 'dismissed') {
          entries.set(id, { job, cell });
        }
      }
    }
    return entries;
  }

  add(job: LiveJob): void {
    this._jobs = [...this._jobs, job].sort((a, b) => b.sentAtMs - a.sentAtMs);
    this.touch(job);
  }

  touch(job: LiveJob): void {
    this._changed.emit(job);
  }

  /** A notebook, or the folder that it lies in, has another name now. */
  rename(from: string, to: string): void {
    for (const job of this._jobs) {
      if (job.path === from || job.path.startsWith(`${from}/`)) {
        job.path = to + job.path.slice(from.length);
        this.touch(job);
      }
    }
  }

  remove(job: LiveJob): void {
    this._jobs = this._jobs.filter(other => other !== job);
    this.touch(job);
    job.dispose();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._jobs.forEach(job => job.dispose());
      this._jobs = [];
      Signal.clearData(this);
    }
  }

  private _jobs: readonly LiveJob[] = [];
  private _changed = new Signal<this, LiveJob>(this);
  private _isDisposed = false;
}
