import type { Event } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import type { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ComputeClient } from '../api/client';
import { toComputeError } from '../api/errors';
import { isActive } from '../api/states';
import type {
  BulkAction,
  BulkResult,
  FilesFate,
  Job,
  JobList,
  LogStream,
  NewJob,
  RetryRequest
} from '../api/types';
import { fileUrl } from '../api/urls';
import type { IJobs, JobsFilter, JobsPage, JobsSnapshot, Sending } from '../tokens';
import { inPieces } from './bulk';
import { Columns } from './columns';
import type { JobsState } from './reduce';
import { asking, ended, extended, failed, loaded, NOTHING, put, removed, updated } from './reduce';
import { Rhythm } from './rhythm';

/** The schema of the hint; see the contract's job_changed.yaml. */
const HINT = 'https://events.jupyter.org/jupyterlab_compute/job_changed/v1';
/** Hints within this time are one hint. */
const COALESCE_MS = 50;
const PAGE = 200;
/** The most that one question for changes brings. */
const BATCH = 1000;

export interface IJobsOptions {
  /** Loads what speaks to the bridge; not before somebody asks. */
  readonly connect: () => Promise<ComputeClient>;
  /** Whether the server knows of an active job, asked at the least cost. Never rejects. */
  readonly hasActive?: () => Promise<boolean>;
  readonly baseUrl: string;
  readonly events: Pick<Event.IManager, 'stream'>;
  readonly standby?: Poll.Standby | (() => boolean | Poll.Standby);
}

/** Keeps the list of jobs current: hints over the events socket, one question for all changes, and a rhythm behind it. */
export class Jobs implements IJobs, IDisposable {
  readonly columns = new Columns();
  private readonly _connect: () => Promise<ComputeClient>;
  private readonly _hasActive: () => Promise<boolean>;
  private readonly _baseUrl: string;
  private readonly _events: Pick<Event.IManager, 'stream'>;
  private readonly _rhythm: Rhythm;
  private readonly _changed = new Signal<IJobs, void>(this);
  private readonly _sending = new Signal<IJobs, Sending>(this);
  private readonly _submitted = new Signal<IJobs, Job>(this);
  private readonly _ended = new Signal<IJobs, Job>(this);
  private readonly _told = new Set<string>();
  private _state: JobsState = NOTHING;
  private _fetching: Promise<void> | null = null;
  private _again = false;
  private _listeners = 0;
  private _hint: ReturnType<typeof setTimeout> | undefined;
  private _heard = -1;
  private _isDisposed = false;

  constructor({
    connect,
    hasActive = async () => false,
    baseUrl,
    events,
    standby = 'when-hidden'
  }: IJobsOptions) {
    this._connect = connect;
    this._hasActive = hasActive;
    this._baseUrl = baseUrl;
    this._events = events;
    this._rhythm = new Rhythm({
      name: 'jupyterlab-compute:jobs',
      standby,
      ask: () => this._tick()
    });
    this._events.stream.connect(this._onEvent, this);
  }

  get snapshot(): JobsSnapshot {
    return this._state;
  }

  get changed(): ISignal<IJobs, void> {
    return this._changed;
  }

  get sending(): ISignal<IJobs, Sending> {
    return this._sending;
  }

  get submitted(): ISignal<IJobs, Job> {
    return this._submitted;
  }

  get ended(): ISignal<IJobs, Job> {
    return this._ended;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this._hint);
    this._events.stream.disconnect(this._onEvent, this);
    this._rhythm.dispose();
    this.columns.dispose();
    Signal.clearData(this);
  }

  use(): IDisposable {
    return this._rhythm.use();
  }

  listen(): IDisposable {
    this._listeners++;
    return new DisposableDelegate(() => {
      this._listeners--;
    });
  }

  /** Somebody came to the page: if anybody listens, look whether there is something to keep current. Never rejects. */
  async glance(): Promise<void> {
    if (this.isLive) {
      await this.refresh();
    } else if (this._listeners > 0 && (await this._hasActive())) {
      await this.refresh();
    }
  }

  refresh(): Promise<void> {
    if (this._fetching) {
      this._again = true;
      return this._fetching;
    }
    this._fetching = this._fetch().finally(() => {
      this._fetching = null;
      this._rhythm.answered(this._state.error);
    });
    return this._fetching;
  }

  /** The server may be there again: ask now if the last question got no answer. */
  reconnect(): void {
    if (this.isLive && this._state.error) {
      void this.refresh();
    }
  }

  async more(): Promise<void> {
    const { cursor } = this._state;
    if (cursor !== null) {
      await this._try(async () => {
        const list = await this._ask(api => api.listJobs({ limit: PAGE, cursor }));
        this._set(extended(this._state, list));
      });
    }
  }

  async search(filter: JobsFilter, cursor: string | null): Promise<JobsPage> {
    const page = { ...filter, limit: PAGE, ...(cursor && { cursor }) };
    const list = await this._ask(api => api.listJobs(page));
    const found = list.jobs.filter((job): job is Job => !('deleted' in job));
    this._set(put(this._state, found));
    return { jobs: found, cursor: list.next_cursor };
  }

  async bulk(action: BulkAction, ids: readonly string[]): Promise<BulkResult> {
    const result = await inPieces(ids, some => this._ask(api => api.bulk(action, some)));
    if (action === 'forget') {
      this._set(result.done.reduce(removed, this._state));
    }
    void this.refresh();
    return result;
  }

  find(id: string): Job | undefined {
    return this._state.jobs.find(job => job.id === id);
  }

  get(id: string): Promise<Job> {
    return this._keep(api => api.getJob(id));
  }

  async ofNotebook(path: string): Promise<readonly Job[]> {
    const { jobs } = await this._ask(api => api.listJobs({ path, limit: PAGE }));
    const found = jobs.filter((job): job is Job => !('deleted' in job));
    this._set(put(this._state, found));
    return found;
  }

  async submit(wish: NewJob): Promise<Job> {
    const request = { key: UUID.uuid4(), ...wish };
    const answer = this._keep(api => api.submitJob(request));
    this._sending.emit({ request, answer });
    const job = await answer;
    this._submitted.emit(job);
    return job;
  }

  preview(request: NewJob) {
    return this._ask(api => api.preview({ key: UUID.uuid4(), ...request }));
  }

  cancel(id: string) {
    return this._keep(api => api.cancelJob(id));
  }

  hold(id: string) {
    return this._keep(api => api.holdJob(id));
  }

  release(id: string) {
    return this._keep(api => api.releaseJob(id));
  }

  async retry(id: string, request: RetryRequest = {}): Promise<Job> {
    const job = await this._keep(api => api.retryJob(id, { key: UUID.uuid4(), ...request }));
    this._submitted.emit(job);
    return job;
  }

  async forget(id: string, files: FilesFate): Promise<void> {
    await this._ask(api => api.forgetJob(id, files));
    this._set(removed(this._state, id));
  }

  outputs(id: string, from: number, attempt?: number) {
    return this._ask(api => api.readOutputs(id, from, attempt));
  }

  log(id: string, stream: LogStream, offset: number, limit?: number) {
    return this._ask(api => api.readLog(id, stream, offset, limit));
  }

  readonly usage = (id: string) => this._ask(api => api.readUsage(id));

  readonly files = (id: string) => this._ask(api => api.listFiles(id));

  readonly content = (id: string, path: string) => this._ask(api => api.readContent(id, path));

  file(id: string, path: string) {
    return this._ask(api => api.readFile(id, path));
  }

  fileUrl(id: string, path: string): string {
    return fileUrl(this._baseUrl, id, path);
  }

  claimApplied(id: string, page: string, done: boolean) {
    return this._keep(api => api.claimApplied(id, page, done));
  }

  /** Whether the list is being kept current. */
  get isLive(): boolean {
    return this._rhythm.isLive;
  }

  private async _ask<T>(question: (api: ComputeClient) => Promise<T>): Promise<T> {
    return question(await this._connect());
  }

  private async _keep(question: (api: ComputeClient) => Promise<Job>): Promise<Job> {
    const job = await this._ask(question);
    this._set(put(this._state, [job]));
    return job;
  }

  private _onEvent(_: Event.IManager, event: Event.Emission): void {
    if (event.schema_id !== HINT) {
      // Whatever it tells of, the socket is there again.
      this.reconnect();
      return;
    }
    const revision = Number(event.revision);
    this._heard = Math.max(this._heard, revision || 0);
    this._rhythm.isDeaf = false;
    const isHeard = this.isLive || this._listeners > 0;
    if (!isHeard || this._hint || revision <= (this._state.revision ?? -1)) {
      return;
    }
    this._hint = setTimeout(() => {
      this._hint = undefined;
      void this.refresh();
    }, COALESCE_MS);
  }

  private async _tick(): Promise<void> {
    const heard = this._heard;
    const { jobs, loaded: hadList } = this._state;
    await this.refresh();
    const { error, revision } = this._state;
    // News that nobody had hinted at.
    const isNews = hadList && jobs !== this._state.jobs && this._heard === heard;
    if (!error && isNews && (revision ?? -1) > heard) {
      this._rhythm.isDeaf = true;
    }
  }

  private async _fetch(): Promise<void> {
    do {
      this._again = false;
      await this._try(() => this._fetchOnce());
    } while (this._again && !this._isDisposed && !this._state.error);
  }

  private async _fetchOnce(): Promise<void> {
    const { revision } = this._state;
    if (revision === null) {
      this._set(asking(this._state));
      this._set(loaded(this._state, await this._ask(api => api.listJobs({ limit: PAGE }))));
      return;
    }
    const list: JobList = await this._ask(api => api.listJobs({ since: revision, limit: BATCH }));
    if (list.reset) {
      this._set(loaded(this._state, await this._ask(api => api.listJobs({ limit: PAGE }))));
      return;
    }
    this._set(updated(this._state, list));
    this._again ||= list.jobs.length >= BATCH;
  }

  private async _try(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      this._set(failed(this._state, toComputeError(error)));
    }
  }

  private _set(state: JobsState): void {
    const before = this._state;
    if (this._isDisposed || state === before) {
      return;
    }
    this._state = state;
    this._changed.emit();
    for (const job of ended(before, state).filter(({ id }) => !this._told.has(id))) {
      this._told.add(job.id);
      this._ended.emit(job);
    }
    this._rhythm.isBusy = state.jobs.some(job => isActive(job.state));
  }
}
