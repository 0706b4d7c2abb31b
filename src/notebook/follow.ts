import type { IDisposable } from '@lumino/disposable';
import type { IPoll } from '@lumino/polling';
import { Poll } from '@lumino/polling';

import { ComputeError } from '../api/errors';
import type { JobState, Outputs } from '../api/types';
import type { IJobs } from '../tokens';
import type { LiveJob } from './store';

const RUNNING: IPoll.Frequency = { interval: 700, backoff: true, max: 30_000 };
const SILENT: IPoll.Frequency = { interval: 15_000, backoff: true, max: 120_000 };

export interface IFollowerOptions {
  readonly live: LiveJob;
  readonly jobs: Pick<IJobs, 'outputs'>;
  /** News were read. */
  readonly onNews: (live: LiveJob) => void;
  /** The server knows this job no longer. */
  readonly onGone: (live: LiveJob) => void;
}

/** Reads the outputs of one job as they come: while it runs, and to the end when it has ended. */
export class Follower implements IDisposable {
  constructor({ live, jobs, onNews, onGone }: IFollowerOptions) {
    this._live = live;
    this._jobs = jobs;
    this._onNews = onNews;
    this._onGone = onGone;
    this._poll = new Poll({
      name: `jupyterlab-compute:outputs:${live.key}`,
      auto: false,
      frequency: RUNNING,
      // Nobody looks; but an end that was told of is read, so that the notebook is complete when somebody does.
      standby: () => document.hidden && !live.hasEnded,
      factory: () => this._read()
    });
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  /** The job was heard of. */
  update(): void {
    const { job, isComplete } = this._live;
    if (this.isDisposed || isComplete || !job || !hasStarted(job.state)) {
      return;
    }
    this._poll.frequency = job.state === 'unknown' ? SILENT : RUNNING;
    void this._poll.refresh();
  }

  dispose(): void {
    this._poll.dispose();
  }

  /** Never twice at a time: a poll that is told to hurry does not wait for its last question, and both answers would count. */
  private _read(): Promise<void> {
    this._reading ??= this._readAll().finally(() => {
      this._reading = null;
    });
    return this._reading;
  }

  private async _readAll(): Promise<void> {
    const { _live: live } = this;
    let more = true;
    while (more && !live.isComplete) {
      const page = await this._page();
      if (!page || live.isDisposed || this.isDisposed) {
        return;
      }
      more = page.more && page.next !== live.next;
      live.read(page);
      this._onNews(live);
    }
    if (live.isComplete) {
      void this._poll.stop();
    }
  }

  private async _page(): Promise<Outputs | null> {
    const { key, next, attempt } = this._live;
    try {
      return await this._jobs.outputs(key, next, attempt);
    } catch (error) {
      if (error instanceof ComputeError && error.code === 'no_such_job') {
        this._onGone(this._live);
        return null;
      }
      throw error;
    }
  }

  private readonly _live: LiveJob;
  private readonly _jobs: Pick<IJobs, 'outputs'>;
  private readonly _onNews: (live: LiveJob) => void;
  private readonly _onGone: (live: LiveJob) => void;
  private readonly _poll: Poll;
  private _reading: Promise<void> | null = null;
}

export interface IFollowersOptions extends Omit<IFollowerOptions, 'live'> {
  /** Whether the notebook of a job is open: nobody reads for one that is closed. */
  readonly isOpen: (path: string) => boolean;
}

/** Those who read for the jobs of open notebooks. */
export class Followers implements IDisposable {
  constructor(private readonly _options: IFollowersOptions) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  follow(live: LiveJob): void {
    const { isOpen, ...options } = this._options;
    if (live.job && !live.isComplete && !this._followers.has(live) && isOpen(live.path)) {
      const follower = new Follower({ live, ...options });
      this._followers.set(live, follower);
      follower.update();
    }
  }

  unfollow(live: LiveJob): void {
    this._followers.get(live)?.dispose();
    this._followers.delete(live);
  }

  /** One job was heard of; or the server is there again, which concerns all. */
  update(live?: LiveJob): void {
    const some = live ? [this._followers.get(live)] : [...this._followers.values()];
    some.forEach(follower => follower?.update());
  }

  dispose(): void {
    this._isDisposed = true;
    this._followers.forEach(follower => follower.dispose());
    this._followers.clear();
  }

  private readonly _followers = new Map<LiveJob, Follower>();
  private _isDisposed = false;
}

function hasStarted(state: JobState): boolean {
  return !['submitting', 'queued', 'held'].includes(state);
}
