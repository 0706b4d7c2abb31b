import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import { Poll } from '@lumino/polling';

import type { ComputeError } from '../api/errors';

const SECOND_MS = 1000;
/** Hints tell of changes; asking slowly repairs what was missed. */
const REPAIRING_MS = 30 * SECOND_MS;
/** No hint arrives though jobs change: the events socket is down, or somebody filters it. */
const DEAF_MS = 5 * SECOND_MS;
/** A server that is away may be back any moment: 1, 2, 4, 8 seconds, and then every so often. */
const AWAY_MOST_MS = 10 * SECOND_MS;
/** A server that answers with an error is not pressed. */
const REFUSED_MOST_MS = 300 * SECOND_MS;
/** What a proxy or a hub answers in place of a server that is stopped or starting. */
const STAND_INS: ReadonlySet<number | undefined> = new Set([424, 502, 503, 504]);

export interface IRhythmOptions {
  readonly name: string;
  readonly standby: Poll.Standby | (() => boolean | Poll.Standby);
  /** Ask. Rejections are not expected: `answered` tells how it went. */
  readonly ask: () => Promise<void>;
  /** For specs: a number from 0 to below 1. */
  readonly random?: () => number;
}

/** When to ask: while somebody looks or something is active; faster when nobody hints, and soon when the server was away. */
export class Rhythm implements IDisposable {
  constructor({ name, standby, ask, random = Math.random }: IRhythmOptions) {
    this._random = random;
    this._poll = new Poll({
      name,
      auto: false,
      standby,
      frequency: { interval: REPAIRING_MS, backoff: false, max: REFUSED_MOST_MS },
      factory: ask
    });
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  /** Whether questions are being asked. */
  get isLive(): boolean {
    return this._users > 0 || this._isBusy;
  }

  dispose(): void {
    this._poll.dispose();
  }

  /** Keep asking until disposed. */
  use(): IDisposable {
    this._users++;
    this._review();
    return new DisposableDelegate(() => {
      this._users--;
      this._review();
    });
  }

  /** Something may happen by itself, so it is asked also when nobody looks. */
  set isBusy(isBusy: boolean) {
    this._isBusy = isBusy;
    this._review();
  }

  /** Changes are not hinted at. */
  set isDeaf(isDeaf: boolean) {
    this._isDeaf = isDeaf;
    this._review();
  }

  /** A question came to its end, whoever asked it. */
  answered(error: ComputeError | null): void {
    this._failures = error ? this._failures + 1 : 0;
    this._isAway = error !== null && (error.code === 'offline' || STAND_INS.has(error.status));
    this._review(error !== null);
  }

  private get _intervalMs(): number {
    const usual = this._isDeaf && this._isBusy ? DEAF_MS : REPAIRING_MS;
    if (this._failures === 0) {
      return usual;
    }
    const growth = 2 ** (this._failures - 1);
    const wait = this._isAway
      ? Math.min(SECOND_MS * growth, AWAY_MOST_MS)
      : Math.min(usual * growth, REFUSED_MOST_MS);
    // All pages lose the same server at the same time, and should not all come back in the same moment.
    return wait * (0.75 + this._random() / 2);
  }

  private _review(isLate = false): void {
    if (this.isDisposed) {
      return;
    }
    const { phase } = this._poll.state;
    const isRunning = phase !== 'constructed' && phase !== 'stopped';
    const interval = this._intervalMs;
    const isFaster = interval < this._poll.frequency.interval;
    if (this._failures === 0 || isLate) {
      this._poll.frequency = { ...this._poll.frequency, interval };
    }
    if (this.isLive && !isRunning) {
      void this._poll.start();
    } else if (!this.isLive && isRunning) {
      void this._poll.stop();
    } else if (this.isLive && (isLate || (isFaster && this._failures === 0))) {
      void this._poll.schedule({ phase: 'resolved', interval });
    }
  }

  private readonly _poll: Poll;
  private readonly _random: () => number;
  private _users = 0;
  private _isBusy = false;
  private _isDeaf = true;
  private _failures = 0;
  private _isAway = false;
}
