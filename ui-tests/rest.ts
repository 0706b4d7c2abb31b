import { randomBytes } from 'node:crypto';

import { expect, type APIRequestContext } from '@playwright/test';

import type { components } from '../src/api/schema';

export type Job = components['schemas']['Job'];
export type JobRequest = components['schemas']['JobRequest'];
export type Profile = components['schemas']['Profile'];
export type Schedule = components['schemas']['Schedule'];
export type State = Job['state'];

type Cell = { id: string; cell_type: string; source: string; [more: string]: unknown };

/** A code cell; a second word is its id. */
export function code(source: string, id = randomBytes(4).toString('hex'), tags?: string[]): Cell {
  const metadata = tags ? { tags } : {};
  return { cell_type: 'code', id, source, metadata, outputs: [], execution_count: null };
}

export function markdown(source: string): Cell {
  return { cell_type: 'markdown', id: randomBytes(4).toString('hex'), source, metadata: {} };
}

export function notebook(cells: Cell[], kernel = 'python3') {
  const kernelspec =
    kernel === 'echo'
      ? { name: 'echo', display_name: 'Echo', language: 'echo' }
      : { name: kernel, display_name: 'Python 3 (ipykernel)', language: 'python' };
  return { cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
}

/** A cell that prints, waits until the story opens a gate beside its notebook, and prints again. */
export function patient(gate: string): string {
  return [
    'import os, time',
    'print("it", "began", flush=True)',
    `while not os.path.exists("${gate}"):`,
    '    time.sleep(0.05)',
    'print("it", "went on")'
  ].join('\n');
}

/** How often the server is asked, in milliseconds: Playwright's own second is long beside a job that takes one. */
const OFTEN = [100, 250];

/** What a story asks the server without a page: to prepare something, or to look whether it is true. */
export class Rest {
  constructor(
    private readonly _http: APIRequestContext,
    private readonly _url: string,
    private readonly _token: string
  ) {}

  async save(path: string, cells: Cell[], kernel?: string): Promise<void> {
    const data = { type: 'notebook', format: 'json', content: notebook(cells, kernel) };
    const folder = path.split('/').slice(0, -1).join('/');
    if (folder) {
      await this._ask('put', `api/contents/${folder}`, { type: 'directory' });
    }
    await this._ask('put', `api/contents/${encodeURI(path)}`, data);
  }

  async profiles(): Promise<Profile[]> {
    return ((await this._ask('get', 'compute/api/profiles')) as { profiles: Profile[] }).profiles;
  }

  async run(path: string, request: Partial<JobRequest> = {}): Promise<Job> {
    const source = { kind: 'notebook' as const, path };
    const key = randomBytes(8).toString('hex');
    const data = { key, profile: 'this-machine', source, ...request };
    return (await this._ask('post', 'compute/api/jobs', data)) as Job;
  }

  async job(id: string): Promise<Job> {
    return (await this._ask('get', `compute/api/jobs/${id}`)) as Job;
  }

  async jobs(path?: string): Promise<Job[]> {
    const query = path ? `&path=${encodeURIComponent(path)}` : '';
    const list = await this._ask('get', `compute/api/jobs?limit=1000${query}`);
    return (list as { jobs: Job[] }).jobs;
  }

  /** Wait until the job is in one of these states; by default, until it has ended. */
  async until(id: string, ...states: State[]): Promise<Job> {
    const wanted = states.length ? states : ['succeeded', 'failed', 'cancelled'];
    await expect
      .poll(async () => (await this.job(id)).state, { timeout: 45_000, intervals: OFTEN })
      .toMatch(new RegExp(`^(${wanted.join('|')})$`));
    return this.job(id);
  }

  async cancel(id: string): Promise<void> {
    await this._ask('post', `compute/api/jobs/${id}/cancel`);
  }

  /** Cancel what runs and forget everything, so that the next story begins with an empty list. */
  async clear(): Promise<void> {
    const active = ['submitting', 'queued', 'held', 'running', 'completing'];
    await this._bulk(
      'cancel',
      (await this.jobs()).filter(job => active.includes(job.state))
    );
    await expect
      .poll(async () => (await this.jobs()).filter(job => active.includes(job.state)).length, {
        timeout: 30_000,
        intervals: OFTEN
      })
      .toBe(0);
    await this._bulk('forget', await this.jobs());
  }

  async schedules(): Promise<Schedule[]> {
    const list = (await this._ask('get', 'compute/api/schedules')) as { schedules: Schedule[] };
    return list.schedules;
  }

  /** Delete all schedules. */
  async clearSchedules(): Promise<void> {
    for (const { id } of await this.schedules()) {
      await this._ask('delete', `compute/api/schedules/${id}`);
    }
  }

  private async _bulk(action: 'cancel' | 'forget', jobs: Job[]): Promise<void> {
    const ids = jobs.map(({ id }) => id);
    if (ids.length) {
      await this._ask('post', 'compute/api/jobs/bulk', { action, ids });
    }
  }

  private async _ask(method: 'get' | 'post' | 'put' | 'delete', path: string, data?: unknown) {
    const headers = { Authorization: `token ${this._token}` };
    const answer = await this._http[method](`${this._url}${path}`, { headers, data });
    if (!answer.ok()) {
      throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
    }
    return answer.status() === 204 ? null : ((await answer.json()) as unknown);
  }
}
