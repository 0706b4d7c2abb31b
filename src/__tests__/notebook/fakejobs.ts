import { DisposableDelegate } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { ComputeError } from '../../api/errors';
import type { Job, OutputEvent, Outputs } from '../../api/types';
import { sha256 } from '../../notebook/sha256';
import { aJob, anId } from '../../testing/builders';
import type { IJobs, JobsSnapshot, Sending } from '../../tokens';

const AT = '2026-03-01T09:00:00Z';

/** The jobs of a server in memory that one test steers. */
export class FakeJobs {
  readonly sending = new Signal<IJobs, Sending>(this as unknown as IJobs);
  readonly submitted = new Signal<IJobs, Job>(this as unknown as IJobs);
  readonly changed = new Signal<IJobs, void>(this as unknown as IJobs);
  readonly claims: [page: string, done: boolean][] = [];
  readonly cancelled: string[] = [];
  readonly events = new Map<string, OutputEvent[]>();
  snapshot = { jobs: [] as Job[], clusters: [] } as unknown as JobsSnapshot;
  users = 0;
  asked = 0;
  /** How long an answer with outputs is on its way. */
  delayMs = 0;
  attempt = 1;
  /** Called for each claim; may throw. */
  onClaim: (page: string, done: boolean) => void = () => undefined;

  get asJobs(): IJobs {
    return this as unknown as IJobs;
  }

  get job(): Job {
    return this.snapshot.jobs[0];
  }

  use(): DisposableDelegate {
    this.users++;
    return new DisposableDelegate(() => this.users--);
  }

  /** The server says this of the job now, and everybody hears it. */
  tell(change: Partial<Job>): void {
    const { job } = this;
    const next = { ...job, ...change, revision: job.revision + 1 };
    this.snapshot = { jobs: [next], clusters: [] } as unknown as JobsSnapshot;
    this.changed.emit();
  }

  put(job: Job): void {
    this.snapshot = { jobs: [job], clusters: [] } as unknown as JobsSnapshot;
  }

  give(...events: OutputEvent[]): void {
    this.events.set(this.job.id, [...(this.events.get(this.job.id) ?? []), ...events]);
  }

  ofNotebook(path: string): Promise<readonly Job[]> {
    return Promise.resolve(this.snapshot.jobs.filter(job => job.source.path === path));
  }

  outputs(id: string, from: number, attempt?: number): Promise<Outputs> {
    this.asked++;
    const events = this.events.get(id) ?? [];
    const start = attempt === undefined || attempt === this.attempt ? from : 0;
    const ended = ['succeeded', 'failed', 'cancelled'].includes(this.job.state);
    const page: Outputs = {
      attempt: this.attempt,
      events: events.slice(start),
      next: events.length,
      more: false,
      ended
    };
    return this.delayMs === 0
      ? Promise.resolve(page)
      : new Promise(resolve => setTimeout(() => resolve(page), this.delayMs));
  }

  claimApplied(id: string, page: string, done: boolean): Promise<Job> {
    this.claims.push([page, done]);
    try {
      this.onClaim(page, done);
    } catch (error) {
      return Promise.reject(error);
    }
    const next = {
      ...this.job,
      revision: this.job.revision + 1,
      applied: { page, claimed_at: AT, done }
    };
    this.put(next);
    return Promise.resolve(next);
  }

  cancel(id: string): Promise<Job> {
    this.cancelled.push(id);
    return Promise.resolve(this.job);
  }
}

export function refused(status = 409): ComputeError {
  return new ComputeError('no', { code: 'already_applied', status });
}

/** A job of these cells; `before` marks the others. */
export function aCellsJob(
  sources: Record<string, string>,
  change: Partial<Job> = {},
  before: string[] = []
): Job {
  const cells = Object.entries(sources).map(([id, source]) => ({
    id,
    role: before.includes(id) ? ('before' as const) : ('selected' as const),
    source_sha256: sha256(source)
  }));
  return aJob({
    id: anId('cells'),
    source: { kind: 'cells', path: 'a.ipynb', cells },
    profile_title: 'Short queue',
    state: 'running',
    started_at: AT,
    ...change
  });
}

export const event = {
  started: (cell: string): OutputEvent => ({
    event: 'cell_started',
    cell,
    at: AT,
    index: 0,
    role: 'selected'
  }),
  text: (cell: string, text: string): OutputEvent =>
    ({
      event: 'output',
      cell,
      at: AT,
      output: { output_type: 'stream', name: 'stdout', text }
    }) as unknown as OutputEvent,
  error: (cell: string, ename: string, evalue: string): OutputEvent =>
    ({
      event: 'output',
      cell,
      at: AT,
      output: { output_type: 'error', ename, evalue, traceback: [] }
    }) as unknown as OutputEvent,
  ended: (
    cell: string,
    status: 'ok' | 'error' | 'aborted' = 'ok',
    execution_count = 1
  ): OutputEvent => ({
    event: 'cell_ended',
    cell,
    at: AT,
    status,
    execution_count,
    duration_s: 72
  })
};
