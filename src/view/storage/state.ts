import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ComputeError } from '../../api/errors';
import { toComputeError } from '../../api/errors';
import type { CleanUpRequest, CleanUpResult, Storage } from '../../api/types';

/** What is kept of ended jobs. */
export type Limits = Omit<CleanUpRequest, 'dry_run'>;

/** How far the deleting has come: jobs and bytes that went, of so many. */
export type Progress = Readonly<{ jobs: number; bytes: number; of: number }>;

export type CleanUpSnapshot = Readonly<{
  /** Null: not known yet. */
  storage: Storage | null;
  /** What would go by the limits that were given last; null: not known, or nothing was asked. */
  plan: CleanUpResult | null;
  progress: Progress | null;
  isDeleting: boolean;
  error: ComputeError | null;
}>;

export interface ICleanUpOptions {
  storage(): Promise<Storage>;
  cleanUp(wish: CleanUpRequest): Promise<CleanUpResult>;
  /** Some jobs are gone. */
  gone(): void;
}

/** What run folders take, what would go, and the deleting of it. What goes wrong stands in the snapshot. */
export class CleanUp implements IDisposable {
  constructor(private readonly _options: ICleanUpOptions) {}

  get snapshot(): CleanUpSnapshot {
    return this._snapshot;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Ends the measuring; jobs that the server deletes at the moment still go. */
  dispose(): void {
    this._isDisposed = true;
    this._isStopped = true;
    Signal.clearData(this);
  }

  /** Ask until everything is measured. The server answers when it knows more, or after a moment. */
  async measure(): Promise<void> {
    try {
      let storage: Storage;
      do {
        storage = await this._options.storage();
        this._set({ storage });
      } while (!this._isDisposed && storage.measured < storage.jobs);
    } catch (error) {
      this._set({ error: toComputeError(error) });
    }
  }

  /** Find out what would go; null: no limits, so nothing would. Only what was asked last is told. */
  async look(limits: Limits | null): Promise<void> {
    const turn = ++this._turn;
    this._limits = limits;
    this._set({ plan: null, progress: null, error: null });
    if (!limits || this._isLooking) {
      // Whoever looks at the moment looks again when the answer is there.
      return;
    }
    this._isLooking = true;
    try {
      const plan = await this._options.cleanUp({ ...limits, dry_run: true });
      if (turn === this._turn) {
        this._set({ plan });
      }
    } catch (error) {
      if (turn === this._turn) {
        this._set({ error: toComputeError(error) });
      }
    } finally {
      this._isLooking = false;
    }
    if (turn !== this._turn && !this._isDisposed) {
      await this.look(this._limits);
    }
  }

  /** Delete what the last look showed, piece by piece, until nothing is left or `stop`. */
  async run(): Promise<void> {
    const { plan, isDeleting } = this._snapshot;
    const limits = this._limits;
    if (!plan?.jobs || !limits || isDeleting) {
      return;
    }
    this._isStopped = false;
    let progress: Progress = { jobs: 0, bytes: 0, of: plan.jobs };
    this._set({ isDeleting: true, progress, error: null });
    try {
      let piece: CleanUpResult;
      do {
        piece = await this._options.cleanUp(limits);
        progress = {
          jobs: progress.jobs + piece.jobs,
          bytes: progress.bytes + piece.bytes,
          // Meanwhile more may have ended, or grown too old.
          of: Math.max(progress.of, progress.jobs + piece.jobs + piece.left)
        };
        this._set({ progress });
        this._options.gone();
        // A piece of which nothing could be deleted would come again and again.
      } while (!this._isStopped && piece.left > 0 && piece.jobs > 0);
    } catch (error) {
      this._set({ error: toComputeError(error) });
    }
    this._set({ isDeleting: false, plan: null });
    if (!this._isDisposed) {
      await this.measure();
    }
  }

  /** Ask for no further piece. */
  stop(): void {
    this._isStopped = true;
  }

  private _set(change: Partial<CleanUpSnapshot>): void {
    if (!this._isDisposed) {
      this._snapshot = Object.freeze({ ...this._snapshot, ...change });
      this._changed.emit();
    }
  }

  private _snapshot: CleanUpSnapshot = Object.freeze({
    storage: null,
    plan: null,
    progress: null,
    isDeleting: false,
    error: null
  });
  private readonly _changed = new Signal<this, void>(this);
  private _limits: Limits | null = null;
  private _turn = 0;
  private _isLooking = false;
  private _isStopped = false;
  private _isDisposed = false;
}
