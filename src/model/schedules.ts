import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import { Poll, Throttler } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ComputeClient } from '../api/client';
import type { ComputeError } from '../api/errors';
import { toComputeError } from '../api/errors';
import type { Job, Schedule, ScheduleChange, ScheduleRequest, TimesPreview } from '../api/types';
import type { IJobs, Sync } from '../tokens';

/** The schedules as of one moment. */
export type SchedulesSnapshot = Readonly<{
  schedules: readonly Schedule[];
  loaded: boolean;
  sync: Sync;
  error: ComputeError | null;
}>;

export interface ISchedulesOptions {
  /** Loads what speaks to the bridge; not before somebody asks. */
  readonly connect: () => Promise<ComputeClient>;
  readonly jobs: Pick<IJobs, 'snapshot' | 'changed'>;
  readonly standby?: Poll.Standby | (() => boolean | Poll.Standby);
}

const NOTHING: SchedulesSnapshot = Object.freeze({
  schedules: [],
  loaded: false,
  sync: 'idle',
  error: null
});
const CALM_MS = 30_000;
const REST_MS = 300_000;
/** News of jobs within this time are one question. */
const NEWS_MS = 1000;
const HISTORY = 50;

/** The recurring runs, kept current while somebody looks: anew when a run begins or ends, and calmly besides. */
export class Schedules implements IDisposable {
  private readonly _connect: () => Promise<ComputeClient>;
  private readonly _jobs: Pick<IJobs, 'snapshot' | 'changed'>;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _poll: Poll;
  private readonly _news: Throttler;
  private _snapshot = NOTHING;
  private _users = 0;
  private _known = '';
  /** Answers come in any order: the newest question counts. */
  private _asked = 0;
  private _isDisposed = false;

  constructor({ connect, jobs, standby = 'when-hidden' }: ISchedulesOptions) {
    this._connect = connect;
    this._jobs = jobs;
    this._poll = new Poll({
      name: 'jupyterlab-compute:schedules',
      auto: false,
      frequency: { interval: CALM_MS, backoff: true, max: REST_MS },
      standby,
      factory: () => this._fetch()
    });
    this._news = new Throttler(() => this.refresh(), { limit: NEWS_MS, edge: 'trailing' });
    this._jobs.changed.connect(this._onJobs, this);
  }

  get snapshot(): SchedulesSnapshot {
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
      this._jobs.changed.disconnect(this._onJobs, this);
      this._poll.dispose();
      this._news.dispose();
      Signal.clearData(this);
    }
  }

  /** Keep them current until disposed. */
  use(): IDisposable {
    this._users++;
    void this._poll.start();
    void this.refresh();
    return new DisposableDelegate(() => {
      this._users--;
      if (this._users === 0 && !this._isDisposed) {
        void this._poll.stop();
      }
    });
  }

  /** Ask now. Never rejects: what went wrong stands in the snapshot. */
  async refresh(): Promise<void> {
    await this._fetch().catch(() => undefined);
  }

  find(id: string): Schedule | undefined {
    return this._snapshot.schedules.find(schedule => schedule.id === id);
  }

  async create(request: ScheduleRequest): Promise<Schedule> {
    return this._put(await (await this._connect()).createSchedule(request));
  }

  async change(id: string, change: ScheduleChange): Promise<Schedule> {
    return this._put(await (await this._connect()).changeSchedule(id, change));
  }

  async pause(id: string): Promise<Schedule> {
    return this._put(await (await this._connect()).pauseSchedule(id));
  }

  async resume(id: string): Promise<Schedule> {
    return this._put(await (await this._connect()).resumeSchedule(id));
  }

  /** Delete it; its jobs stay. */
  async remove(id: string): Promise<void> {
    await (await this._connect()).deleteSchedule(id);
    this._asked++;
    this._set({ schedules: this._snapshot.schedules.filter(schedule => schedule.id !== id) });
  }

  /** A run now, besides the due ones. */
  async run(id: string): Promise<Job> {
    return (await this._connect()).runSchedule(id, UUID.uuid4());
  }

  /** The newest of its jobs, newest first. */
  async history(id: string): Promise<Job[]> {
    const { jobs } = await (await this._connect()).listJobs({ schedule: id, limit: HISTORY });
    return jobs.filter((each): each is Job => 'state' in each);
  }

  /** What an expression means and when that is. Rejects for one that means nothing. */
  async times(cron: string, timezone: string): Promise<TimesPreview> {
    return (await this._connect()).previewTimes(cron, timezone);
  }

  private _onJobs(): void {
    const runs = this._jobs.snapshot.jobs.filter(({ schedule }) => schedule !== null);
    const known = runs.map(({ id, state }) => `${id} ${state}`).join();
    if (known !== this._known) {
      this._known = known;
      if (this._users > 0) {
        void this._news.invoke();
      }
    }
  }

  private async _fetch(): Promise<void> {
    const asked = ++this._asked;
    if (!this._snapshot.loaded) {
      this._set({ sync: 'loading' });
    }
    try {
      const { schedules } = await (await this._connect()).listSchedules();
      if (asked === this._asked) {
        this._set({ schedules, loaded: true, sync: 'idle', error: null });
      }
    } catch (error) {
      this._set({ sync: 'stale', error: toComputeError(error) });
      throw error;
    }
  }

  private _put(schedule: Schedule): Schedule {
    this._asked++;
    const { schedules } = this._snapshot;
    const isKnown = schedules.some(({ id }) => id === schedule.id);
    this._set({
      schedules: isKnown
        ? schedules.map(each => (each.id === schedule.id ? schedule : each))
        : [...schedules, schedule]
    });
    return schedule;
  }

  private _set(change: Partial<SchedulesSnapshot>): void {
    if (!this._isDisposed) {
      this._snapshot = Object.freeze({ ...this._snapshot, ...change });
      this._changed.emit();
    }
  }
}
