import { ComputeError } from '../../api/errors';
import {
  ended,
  extended,
  failed,
  loaded,
  mergeAll,
  NOTHING,
  put,
  updated
} from '../../model/reduce';
import { aCluster, aJob, aJobList, anId } from '../../testing/builders';

const one = aJob({ id: anId('one'), created_at: '2026-03-01T09:00:00Z', revision: 5 });
const two = aJob({ id: anId('two'), created_at: '2026-03-01T10:00:00Z', revision: 6 });

describe('mergeAll', () => {
  it('puts the newest job first, whatever the order of the news', () => {
    expect(mergeAll([], [one, two])).toEqual([two, one]);
  });

  it('keeps the newer revision when an old word arrives late', () => {
    const late = { ...one, revision: 4, state: 'running' as const };
    const jobs = [two, one];
    expect(mergeAll(jobs, [late])).toBe(jobs);
  });

  it('replaces a job in its place', () => {
    const running = { ...one, revision: 7, state: 'running' as const };
    const jobs = mergeAll([two, one], [running]);
    expect(jobs).toEqual([two, running]);
    expect(jobs[0]).toBe(two);
  });

  it('drops what was deleted and does not mind what it never knew', () => {
    const deleted = { revision: 9, deleted: true } as const;
    const news = [
      { id: one.id, ...deleted },
      { id: anId('never'), ...deleted }
    ];
    expect(mergeAll([two, one], news)).toEqual([two]);
  });

  it('takes ten thousand jobs in one pass', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => aJob({ id: `job${i}`, revision: 1 }));
    const before = performance.now();
    const news = many.map(job => ({ ...job, revision: 2 }));
    expect(mergeAll(many, news)).toHaveLength(10_000);
    expect(performance.now() - before).toBeLessThan(500);
  });
});

describe('the state of the list', () => {
  const first = loaded(NOTHING, aJobList({ jobs: [one], revision: 6, next_cursor: 'older' }));

  it('is the same object when an answer brings nothing new', () => {
    const same = aJobList({ revision: 6, clusters: [], counts: {} });
    expect(updated(first, same)).toBe(first);
  });

  it('changes when only a scheduler fell silent', () => {
    const silent = aJobList({ revision: 6, clusters: [aCluster({ ok: false })] });
    const state = updated(first, silent);
    expect(state.clusters[0].ok).toBe(false);
    expect(state.jobs).toBe(first.jobs);
  });

  it('keeps its revision when older jobs are loaded, so that nothing in between is missed', () => {
    const state = extended(first, aJobList({ jobs: [two], revision: 99 }));
    expect(state.revision).toBe(6);
    expect(state.hasMore).toBe(false);
    expect(state.jobs).toEqual([two, one]);
  });

  it('replaces everything when it is loaded anew', () => {
    const state = loaded(first, aJobList({ jobs: [two], revision: 1 }));
    expect(state.jobs).toEqual([two]);
    expect(state.revision).toBe(1);
  });

  it('keeps what single answers told before the first list came', () => {
    const sent = { ...two, revision: 9 };
    const state = loaded(put(NOTHING, [sent, one]), aJobList({ jobs: [two], revision: 6 }));
    expect(state.jobs).toEqual([sent, one]);
    expect(state.revision).toBe(6);
  });

  it('keeps the jobs on the screen when asking failed, and forgets the failure afterwards', () => {
    const error = new ComputeError('no', { code: 'x' });
    const stale = failed(first, error);
    expect(stale).toMatchObject({ sync: 'stale', error, jobs: first.jobs });
    expect(updated(stale, aJobList({ revision: 6 }))).toMatchObject({ sync: 'idle', error: null });
  });
});

describe('ended', () => {
  const before = put(NOTHING, [one]);

  it('names a job that was open and is final now', () => {
    const done = { ...one, revision: 7, state: 'succeeded' as const };
    expect(ended(before, put(before, [done]))).toEqual([done]);
  });

  it('says nothing about a job that was over when first seen', () => {
    expect(ended(NOTHING, put(NOTHING, [aJob({ state: 'failed' })]))).toEqual([]);
  });

  it('does not take unknown for an end, but what follows it', () => {
    const lost = put(before, [{ ...one, revision: 7, state: 'unknown' }]);
    expect(ended(before, lost)).toEqual([]);
    const found = put(lost, [{ ...one, revision: 8, state: 'failed' }]);
    expect(ended(lost, found)).toHaveLength(1);
  });
});
