import { JSONExt } from '@lumino/coreutils';

import type { ComputeError } from '../api/errors';
import { isFinal } from '../api/states';
import type { Deleted, Job, JobList } from '../api/types';
import type { JobsSnapshot } from '../tokens';

/** What we know of the jobs, and from where the server is to go on. */
export type JobsState = JobsSnapshot &
  Readonly<{
    /** Ask `since` this next time; null: load the list. */
    revision: number | null;
    /** Where the next page of older jobs begins. */
    cursor: string | null;
  }>;

export const NOTHING: JobsState = Object.freeze({
  jobs: [],
  counts: {},
  clusters: [],
  hasMore: false,
  loaded: false,
  sync: 'idle',
  error: null,
  revision: null,
  cursor: null
});

/** The list with the news in it, newest job first; the same array when there are none. */
export function mergeAll(jobs: readonly Job[], news: readonly (Job | Deleted)[]): readonly Job[] {
  const known = new Map(jobs.map(job => [job.id, job]));
  let changed = false;
  let reordered = false;
  for (const item of news) {
    const old = known.get(item.id);
    if ('deleted' in item) {
      changed = known.delete(item.id) || changed;
    } else if (!old || old.revision < item.revision) {
      known.set(item.id, item);
      changed = true;
      reordered ||= !old;
    }
  }
  if (!changed) {
    return jobs;
  }
  const merged = [...known.values()];
  return reordered ? merged.sort(newestFirst) : merged;
}

function newestFirst(a: Job, b: Job): number {
  return compare(b.created_at, a.created_at) || compare(b.id, a.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The first page: everything that we thought we knew is replaced.
 *
 * Except when nothing was loaded yet: then what we know are single answers, some of them newer than the list that was already
 * on its way, some of jobs that are older than its first page.
 */
export function loaded(state: JobsState, list: JobList): JobsState {
  const jobs = mergeAll(state.loaded ? [] : state.jobs, list.jobs);
  return next(state, { ...answered(state, list), jobs, ...paged(list) });
}

/** What changed since our revision. */
export function updated(state: JobsState, list: JobList): JobsState {
  return next(state, { ...answered(state, list), jobs: mergeAll(state.jobs, list.jobs) });
}

/** A further page of older jobs. Our revision stays: what happened since is still to be asked for. */
export function extended(state: JobsState, list: JobList): JobsState {
  return next(state, { jobs: mergeAll(state.jobs, list.jobs), ...paged(list) });
}

/** Single jobs that the server answered with. */
export function put(state: JobsState, jobs: readonly Job[]): JobsState {
  return next(state, { jobs: mergeAll(state.jobs, jobs) });
}

export function removed(state: JobsState, id: string): JobsState {
  const jobs = state.jobs.filter(job => job.id !== id);
  return jobs.length === state.jobs.length ? state : next(state, { jobs });
}

export function asking(state: JobsState): JobsState {
  return state.loaded ? state : next(state, { sync: 'loading' });
}

/** The jobs stay on the screen; that they may be old is said beside them. */
export function failed(state: JobsState, error: ComputeError): JobsState {
  return next(state, { sync: 'stale', error });
}

/** Jobs that have ended between the two. */
export function ended(before: JobsState, after: JobsState): readonly Job[] {
  if (before.jobs === after.jobs) {
    return [];
  }
  const open = new Set(before.jobs.filter(job => !isFinal(job.state)).map(job => job.id));
  return after.jobs.filter(job => isFinal(job.state) && open.has(job.id));
}

function answered(state: JobsState, list: JobList): Partial<JobsState> {
  return {
    counts: same(state.counts, list.counts),
    clusters: same(state.clusters, list.clusters),
    revision: list.revision,
    loaded: true,
    sync: 'idle',
    error: null
  };
}

function paged({ next_cursor }: JobList): Partial<JobsState> {
  return { cursor: next_cursor, hasMore: next_cursor !== null };
}

function same<T>(old: T, fresh: T): T {
  return JSONExt.deepEqual(old as never, fresh as never) ? old : fresh;
}

/** The same object when nothing is different. */
function next(state: JobsState, change: Partial<JobsState>): JobsState {
  const keys = Object.keys(change) as (keyof JobsState)[];
  return keys.every(key => state[key] === change[key])
    ? state
    : Object.freeze({ ...state, ...change });
}
