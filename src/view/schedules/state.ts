import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { toComputeError } from '../../api/errors';
import type { Schedule, ScheduleChange, TimesPreview } from '../../api/types';
import type { When } from './when';
import { cronOf, ownZone, whenOf } from './when';

/** Typing is over for that long before the server is asked what it means. */
const PAUSE_MS = 300;

/** What stands above the options of a run. */
export type WhenSnapshot = Readonly<{
  name: string;
  when: When;
  timezone: string;
  notebook: Schedule['notebook'];
  catchUp: boolean;
  overlap: Schedule['overlap'];
  /** What it means, as the server says; null: it has not said. */
  times: TimesPreview | null;
  /** Why it means nothing, and of which field that is said. */
  problem: Readonly<{ text: string; pointer: string }> | null;
}>;

type Typed = Partial<Omit<WhenSnapshot, 'times' | 'problem'>>;

export interface IWhenOptions {
  readonly name: string;
  /** The schedule that is edited. */
  readonly schedule?: Schedule;
  /** Rejects for an expression that means nothing. */
  times(cron: string, timezone: string): Promise<TimesPreview>;
}

/** When a notebook runs: what was chosen, and what the server says that it means. */
export class WhenState implements IDisposable {
  private readonly _changed = new Signal<this, void>(this);
  private readonly _ask: Debouncer;
  private readonly _times: IWhenOptions['times'];
  private _snapshot: WhenSnapshot;
  private _question = '';
  private _isDisposed = false;

  constructor({ name, schedule, times }: IWhenOptions) {
    this._times = times;
    this._snapshot = Object.freeze({
      name: schedule?.name ?? name,
      when: whenOf(schedule?.cron ?? null),
      timezone: schedule?.timezone ?? ownZone(),
      notebook: schedule?.notebook ?? 'saved',
      catchUp: schedule?.catch_up ?? false,
      overlap: schedule?.overlap ?? 'skip',
      times: null,
      problem: null
    });
    this._ask = new Debouncer(() => this.settle(), PAUSE_MS);
    void this.settle();
  }

  get snapshot(): WhenSnapshot {
    return this._snapshot;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._ask.dispose();
      Signal.clearData(this);
    }
  }

  choose(typed: Typed): void {
    if (!this._isDisposed) {
      this._set(typed);
      void this._ask.invoke();
    }
  }

  /** Ask what stands there means, unless that is known. Never rejects. */
  async settle(): Promise<void> {
    const { when, timezone } = this._snapshot;
    const cron = cronOf(when);
    const question = `${cron} in ${timezone}`;
    if (question === this._question) {
      return;
    }
    this._question = question;
    let answer: Pick<WhenSnapshot, 'times' | 'problem'>;
    try {
      answer = { times: await this._times(cron, timezone), problem: null };
    } catch (error) {
      const { message, hint, pointer } = toComputeError(error);
      const text = [message, hint].filter(Boolean).join(' ');
      answer = { times: null, problem: { text, pointer: pointer ?? '' } };
      if (question === this._question && !pointer) {
        // The server could not say: it may the next time.
        this._question = '';
      }
    }
    if (cronOf(this._snapshot.when) === cron && this._snapshot.timezone === timezone) {
      this._set(answer);
    }
  }

  /** As the server takes it. */
  get wish(): Omit<ScheduleChange, 'request' | 'edited_at'> {
    const { name, when, timezone, notebook, catchUp, overlap } = this._snapshot;
    return {
      ...(name.trim() ? { name: name.trim() } : {}),
      cron: cronOf(when),
      timezone,
      notebook,
      catch_up: catchUp,
      overlap
    };
  }

  private _set(change: Partial<WhenSnapshot>): void {
    if (!this._isDisposed) {
      this._snapshot = Object.freeze({ ...this._snapshot, ...change });
      this._changed.emit();
    }
  }
}
