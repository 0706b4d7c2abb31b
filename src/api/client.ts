import { ServerConnection } from '@jupyterlab/services';
import type { KyInstance } from 'ky';
import ky from 'ky';

import { translate } from './translate';
import type {
  BulkRequest,
  BulkResult,
  CleanUpRequest,
  CleanUpResult,
  FileList,
  FilesFate,
  Handshake,
  Job,
  JobList,
  JobRequest,
  LogChunk,
  LogStream,
  NotifyBy,
  NotifyTried,
  NotifyWays,
  Outputs,
  Preview,
  ProfileList,
  RetryRequest,
  Schedule,
  ScheduleChange,
  ScheduleList,
  ScheduleRequest,
  Storage,
  TimesPreview,
  Trial,
  TrialRequest,
  UsageOverTime
} from './types';
import { bridgeUrl, escaped } from './urls';

const TIMEOUT_MS = 30_000;

/** What `GET /jobs` may be asked. `since` goes with `limit` only. */
export type JobsQuery = Readonly<{
  path?: string;
  schedule?: string;
  state?: string;
  profile?: string;
  q?: string;
  created_after?: string;
  created_before?: string;
  sort?: string;
  limit?: number;
  cursor?: string;
  since?: number;
}>;

/** Speaks to the bridge through JupyterLab's own connection, so that token, XSRF and hub are its business. */
export class ComputeClient {
  private readonly _http: KyInstance;

  constructor(settings: ServerConnection.ISettings) {
    this._http = ky.create({
      prefix: bridgeUrl(settings.baseUrl),
      fetch: through(settings),
      timeout: TIMEOUT_MS,
      retry: { limit: 2, methods: ['get'], statusCodes: [] },
      hooks: { beforeError: [({ error }) => translate(error)] }
    });
  }

  handshake() {
    return this._http.get('').json<Handshake>();
  }

  listProfiles(refresh = false) {
    return this._http
      .get('profiles', { searchParams: { refresh: refresh ? '1' : '0' } })
      .json<ProfileList>();
  }

  listJobs(query: JobsQuery = {}) {
    return this._http.get('jobs', { searchParams: { ...query } }).json<JobList>();
  }

  getJob(id: string) {
    return this._http.get(job(id)).json<Job>();
  }

  /** The key makes it safe to say the same again when the answer did not come. */
  submitJob(request: JobRequest) {
    return this._http.post('jobs', { json: request, retry: AGAIN }).json<Job>();
  }

  preview(request: JobRequest) {
    return this._http.post('preview', { json: request }).json<Preview>();
  }

  cancelJob(id: string) {
    return this._http.post(`${job(id)}/cancel`).json<Job>();
  }

  holdJob(id: string) {
    return this._http.post(`${job(id)}/hold`).json<Job>();
  }

  releaseJob(id: string) {
    return this._http.post(`${job(id)}/release`).json<Job>();
  }

  retryJob(id: string, request: RetryRequest) {
    return this._http.post(`${job(id)}/retry`, { json: request, retry: AGAIN }).json<Job>();
  }

  async forgetJob(id: string, files: FilesFate) {
    await this._http.delete(job(id), { searchParams: { files } });
  }

  bulk(action: BulkRequest['action'], ids: string[]) {
    return this._http
      .post('jobs/bulk', { json: { action, ids }, timeout: false })
      .json<BulkResult>();
  }

  storage() {
    return this._http.get('storage').json<Storage>();
  }

  cleanUp(wish: CleanUpRequest) {
    return this._http
      .post('storage/clean-up', { json: wish, timeout: false })
      .json<CleanUpResult>();
  }

  tryProfile(wish: TrialRequest) {
    return this._http.post('profiles/trial', { json: wish }).json<Trial>();
  }

  claimApplied(id: string, page: string, done: boolean) {
    return this._http.post(`${job(id)}/applied`, { json: { page, done } }).json<Job>();
  }

  readOutputs(id: string, from: number, attempt?: number) {
    return this._http
      .get(`${job(id)}/outputs`, { searchParams: { from, attempt } })
      .json<Outputs>();
  }

  async readLog(id: string, stream: LogStream, offset: number, limit?: number): Promise<LogChunk> {
    const searchParams = { stream, offset, limit };
    return chunk(await this._http.get(`${job(id)}/log`, { searchParams }));
  }

  readUsage(id: string) {
    return this._http.get(`${job(id)}/usage`).json<UsageOverTime>();
  }

  listFiles(id: string) {
    return this._http.get(`${job(id)}/files`).json<FileList>();
  }

  listSchedules() {
    return this._http.get('schedules').json<ScheduleList>();
  }

  createSchedule(request: ScheduleRequest) {
    return this._http.post('schedules', { json: request, retry: AGAIN }).json<Schedule>();
  }

  changeSchedule(id: string, change: ScheduleChange) {
    return this._http.put(schedule(id), { json: change }).json<Schedule>();
  }

  async deleteSchedule(id: string) {
    await this._http.delete(schedule(id));
  }

  pauseSchedule(id: string) {
    return this._http.post(`${schedule(id)}/pause`).json<Schedule>();
  }

  resumeSchedule(id: string) {
    return this._http.post(`${schedule(id)}/resume`).json<Schedule>();
  }

  runSchedule(id: string, key: string) {
    return this._http.post(`${schedule(id)}/run`, { json: { key }, retry: AGAIN }).json<Job>();
  }

  previewTimes(cron: string, timezone: string) {
    return this._http.post('schedules/times', { json: { cron, timezone } }).json<TimesPreview>();
  }

  readContent(id: string, path: string) {
    return this._http.get(`${job(id)}/files/${escaped(path)}`).blob();
  }

  readFile(id: string, path: string) {
    return this._http.get(`${job(id)}/files/${escaped(path)}`).text();
  }

  notifyWays() {
    return this._http.get('notify').json<NotifyWays>();
  }

  notifyTrial(by: NotifyBy) {
    return this._http.post('notify/trial', { json: { by } }).json<NotifyTried>();
  }
}

/** A network that failed, for requests that carry a key. */
const AGAIN = { limit: 2, methods: ['post' as const], statusCodes: [] };

function job(id: string): string {
  return `jobs/${encodeURIComponent(id)}`;
}

function schedule(id: string): string {
  return `schedules/${encodeURIComponent(id)}`;
}

function through(settings: ServerConnection.ISettings): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { url, method, headers, signal } = request;
    const body = method === 'GET' || method === 'HEAD' ? null : await request.text();
    return ServerConnection.makeRequest(
      url,
      { method, headers, signal, ...(body ? { body } : {}) },
      settings
    );
  };
}

async function chunk(response: Response): Promise<LogChunk> {
  const text = await response.text();
  const number = (header: string) => Number(response.headers.get(header) ?? 0);
  return { text, next: number('X-Next-Offset'), size: number('X-Size') };
}
