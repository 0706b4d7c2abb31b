import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { ComputeClient } from '../../api/client';
import type { Job, JobList } from '../../api/types';
import { Jobs } from '../../model/jobs';
import { aJob, aJobList, anId } from '../../testing/builders';
import { FakeBridge, offline } from '../../testing/bridge';

const HINT = 'https://events.jupyter.org/jupyterlab_compute/job_changed/v1';
const queued = aJob({ id: anId('one'), revision: 3, state: 'queued' });
const running = { ...queued, revision: 4, state: 'running' as const };
const done = { ...queued, revision: 5, state: 'succeeded' as const };
const old = aJob({ id: anId('old'), revision: 1, state: 'succeeded' });

describe('Jobs', () => {
  let bridge: FakeBridge;
  let jobs: Jobs;
  let stream: Signal<Event.IManager, Event.Emission>;
  /** What a question for changes is answered with. */
  let since: (revision: number) => JobList;
  let first: JobList;
  let hasActive: boolean;

  const settle = () => jest.advanceTimersByTimeAsync(0);
  const hint = (revision: number) =>
    stream.emit({ schema_id: HINT, id: queued.id, revision, state: 'running' });
  const asked = () => bridge.askedFor('GET jobs').map(({ query }) => query);

  beforeEach(() => {
    jest.useFakeTimers();
    first = aJobList({ jobs: [queued], revision: 3 });
    since = revision => aJobList({ revision });
    bridge = new FakeBridge().on('GET jobs', ({ query }) => ({
      json: 'since' in query ? since(Number(query.since)) : first
    }));
    stream = new Signal({} as Event.IManager);
    const events = { stream: stream as unknown as Event.Stream };
    const client = new ComputeClient(bridge.settings);
    const connect = async () => client;
    hasActive = false;
    const look = async () => hasActive;
    jobs = new Jobs({ connect, hasActive: look, baseUrl: '/', events, standby: 'never' });
  });

  afterEach(() => {
    jobs.dispose();
    jest.useRealTimers();
  });

  it('asks nothing before somebody uses it', async () => {
    hint(9);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(bridge.asked).toHaveLength(0);
  });

  it('searches on the server, and has what was found from then on', async () => {
    first = aJobList({ jobs: [old], next_cursor: 'further' });
    const page = await jobs.search({ q: 'fit', sort: 'name' }, null);
    expect(page).toEqual({ jobs: [old], cursor: 'further' });
    expect(jobs.find(old.id)).toEqual(old);
    first = aJobList({ jobs: [], next_cursor: null });
    expect(await jobs.search({ q: 'fit', sort: 'name' }, 'further')).toEqual({
      jobs: [],
      cursor: null
    });
    expect(asked()).toEqual([
      { q: 'fit', sort: 'name', limit: '200' },
      { q: 'fit', sort: 'name', limit: '200', cursor: 'further' }
    ]);
  });

  it('sends one wish for many jobs, as the server takes them, and drops what was deleted', async () => {
    await jobs.search({}, null);
    const ids = Array.from({ length: 1500 }, (_, at) => (at ? `id${at}` : queued.id));
    bridge.on('POST jobs/bulk', ({ body }) => {
      const [gone, ...rest] = (body as { ids: string[] }).ids;
      const error = { code: 'wrong_state', message: 'No.', hint: '' };
      return { json: { done: [gone], failed: rest.slice(0, 1).map(id => ({ id, error })) } };
    });
    const result = await jobs.bulk('forget', ids);
    expect(result.done).toEqual([queued.id, 'id1000']);
    expect(result.failed.map(({ id }) => id)).toEqual(['id1', 'id1001']);
    expect(jobs.find(queued.id)).toBeUndefined();
  });

  it('hears of jobs that others send, and asks nothing while there is nothing to hear', async () => {
    const listening = jobs.listen();
    await jobs.glance();
    await jest.advanceTimersByTimeAsync(120_000);
    expect(asked()).toEqual([]);
    hint(3);
    await jest.advanceTimersByTimeAsync(60);
    expect(jobs.find(queued.id)?.state).toBe('queued');
    since = () => aJobList({ jobs: [done], revision: 5 });
    hint(5);
    await jest.advanceTimersByTimeAsync(60);
    expect(jobs.find(queued.id)?.state).toBe('succeeded');
    const { length } = asked();
    await jest.advanceTimersByTimeAsync(120_000);
    listening.dispose();
    hint(6);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(asked()).toHaveLength(length);
  });

  it('keeps current what was left running, once somebody listens', async () => {
    hasActive = true;
    await jobs.glance();
    expect(asked()).toEqual([]);
    jobs.listen();
    await jobs.glance();
    expect(asked()).toEqual([{ limit: '200' }]);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(asked().length).toBeGreaterThan(1);
  });

  it('loads the newest page at the first use', async () => {
    jobs.use();
    await settle();
    expect(asked()).toEqual([{ limit: '200' }]);
    expect(jobs.snapshot).toMatchObject({ jobs: [queued], loaded: true, sync: 'idle' });
  });

  it('makes one question of many hints', async () => {
    jobs.use();
    await settle();
    since = () => aJobList({ jobs: [running], revision: 4 });
    for (let i = 0; i < 20; i++) {
      hint(4);
    }
    await jest.advanceTimersByTimeAsync(60);
    expect(asked().slice(1)).toEqual([{ since: '3', limit: '1000' }]);
    expect(jobs.find(queued.id)?.state).toBe('running');
  });

  it('does not ask for what it already has', async () => {
    jobs.use();
    await settle();
    hint(3);
    await jest.advanceTimersByTimeAsync(60);
    expect(asked()).toHaveLength(1);
  });

  it('never asks twice at a time, and once more when a hint came meanwhile', async () => {
    jobs.use();
    await settle();
    let open = 0;
    let most = 0;
    bridge.on('GET jobs', async ({ query }) => {
      most = Math.max(most, ++open);
      await new Promise(resolve => setTimeout(resolve, 500));
      open--;
      return { json: aJobList({ revision: Number(query.since) + 1 }) };
    });
    hint(4);
    await jest.advanceTimersByTimeAsync(100);
    hint(5);
    await jest.advanceTimersByTimeAsync(100);
    hint(5);
    await jest.advanceTimersByTimeAsync(2000);
    expect(most).toBe(1);
    expect(asked().map(query => query.since)).toEqual([undefined, '3', '4']);
  });

  it('loads the list anew when its revision is too old', async () => {
    jobs.use();
    await settle();
    since = () => aJobList({ reset: true, revision: 0 });
    first = aJobList({ jobs: [old], revision: 1 });
    await jobs.refresh();
    expect(jobs.snapshot.jobs).toEqual([old]);
    since = revision => aJobList({ revision });
    await jobs.refresh();
    expect(asked().pop()).toEqual({ since: '1', limit: '1000' });
  });

  it('tells the end of a job once', async () => {
    const told: Job[] = [];
    jobs.ended.connect((_, job) => told.push(job));
    first = aJobList({ jobs: [queued, old], revision: 3 });
    jobs.use();
    await settle();
    since = () => aJobList({ jobs: [done], revision: 5 });
    await jobs.refresh();
    since = () => aJobList({ reset: true, revision: 0 });
    first = aJobList({ jobs: [running], revision: 4 });
    await jobs.refresh();
    first = aJobList({ jobs: [done], revision: 5 });
    await jobs.refresh();
    expect(told).toEqual([done]);
  });

  it('goes on while a job is active, without users, and rests when it has ended', async () => {
    const use = jobs.use();
    await settle();
    use.dispose();
    since = () => aJobList({ jobs: [done], revision: 5 });
    hint(5);
    await jest.advanceTimersByTimeAsync(60);
    expect(jobs.find(done.id)?.state).toBe('succeeded');
    const count = bridge.asked.length;
    hint(6);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(bridge.asked).toHaveLength(count);
  });

  it('asks every few seconds while something is active and nobody hints', async () => {
    jobs.use();
    await settle();
    const count = bridge.asked.length;
    await jest.advanceTimersByTimeAsync(21_000);
    expect(bridge.asked.length - count).toBeGreaterThanOrEqual(4);
  });

  it('asks seldom once hints arrive', async () => {
    jobs.use();
    await settle();
    hint(3);
    await jest.advanceTimersByTimeAsync(10_000);
    const count = bridge.asked.length;
    await jest.advanceTimersByTimeAsync(61_000);
    expect(bridge.asked.length - count).toBeLessThanOrEqual(3);
  });

  it('notices that hints stay away although jobs change', async () => {
    jobs.use();
    await settle();
    hint(3);
    await jest.advanceTimersByTimeAsync(10_000);
    since = () => aJobList({ jobs: [running], revision: 4 });
    await jest.advanceTimersByTimeAsync(31_000);
    const count = bridge.asked.length;
    await jest.advanceTimersByTimeAsync(16_000);
    expect(bridge.asked.length - count).toBeGreaterThanOrEqual(3);
  });

  it('keeps the jobs and says so when the server is gone, and recovers', async () => {
    jobs.use();
    await settle();
    bridge.on('GET jobs', offline);
    const refreshed = jobs.refresh();
    await jest.advanceTimersByTimeAsync(10_000);
    await refreshed;
    expect(jobs.snapshot).toMatchObject({ sync: 'stale', jobs: [queued] });
    expect(jobs.snapshot.error?.code).toBe('offline');
    bridge.on('GET jobs', { json: aJobList({ jobs: [running], revision: 4 }) });
    await jest.advanceTimersByTimeAsync(120_000);
    expect(jobs.snapshot).toMatchObject({ sync: 'idle', error: null, jobs: [running] });
  });

  it('finds a server that comes back within seconds, however long it was away', async () => {
    jobs.use();
    await settle();
    hint(3);
    bridge.on('GET jobs', offline);
    const refreshed = jobs.refresh();
    await jest.advanceTimersByTimeAsync(300_000);
    await refreshed;
    expect(jobs.snapshot.error?.code).toBe('offline');
    bridge.on('GET jobs', { json: aJobList({ jobs: [running], revision: 4 }) });
    await jest.advanceTimersByTimeAsync(15_000);
    expect(jobs.snapshot).toMatchObject({ error: null, jobs: [running] });
  });

  it('takes the silence of a hub that is starting the server for that of the server', async () => {
    jobs.use();
    await settle();
    hint(3);
    bridge.on('GET jobs', { status: 503, text: 'Starting' });
    await jobs.refresh();
    bridge.on('GET jobs', { json: aJobList({ revision: 4 }) });
    await jest.advanceTimersByTimeAsync(1500);
    expect(jobs.snapshot.error).toBeNull();
  });

  it('asks at once when something says that the server is there again', async () => {
    jobs.use();
    await settle();
    bridge.on('GET jobs', { status: 500, text: 'Oh' });
    await jobs.refresh();
    bridge.on('GET jobs', { json: aJobList({ revision: 4 }) });
    stream.emit({ schema_id: 'https://events.jupyter.org/other', name: 'x' });
    await settle();
    expect(jobs.snapshot.error).toBeNull();
    const count = bridge.asked.length;
    jobs.reconnect();
    await settle();
    expect(bridge.asked).toHaveLength(count);
  });

  it('does not press a server that answers with an error', async () => {
    jobs.use();
    await settle();
    hint(3);
    bridge.on('GET jobs', { status: 500, text: 'Oh' });
    await jobs.refresh();
    const count = bridge.asked.length;
    await jest.advanceTimersByTimeAsync(600_000);
    expect(bridge.asked.length - count).toBeLessThanOrEqual(7);
  });

  it('sends a job under a key of its own and shows it at once', async () => {
    bridge.on('POST jobs', ({ body }) => ({ status: 201, json: queued }));
    const sent: Job[] = [];
    jobs.submitted.connect((_, job) => sent.push(job));
    const source = { kind: 'notebook' as const, path: 'a.ipynb' };
    await jobs.submit({ profile: 'local', source });
    await jobs.submit({ profile: 'local', source });
    const [a, b] = bridge.askedFor('POST jobs').map(({ body }) => (body as { key: string }).key);
    expect(a).not.toBe(b);
    expect(sent).toEqual([queued, queued]);
    expect(jobs.find(queued.id)).toEqual(queued);
  });

  it('loads older jobs page by page', async () => {
    first = aJobList({ jobs: [queued], revision: 3, next_cursor: 'p2' });
    jobs.use();
    await settle();
    expect(jobs.snapshot.hasMore).toBe(true);
    first = aJobList({ jobs: [old], revision: 3 });
    await jobs.more();
    expect(asked().pop()).toEqual({ limit: '200', cursor: 'p2' });
    expect(jobs.snapshot.jobs.map(({ id }) => id)).toEqual(
      expect.arrayContaining([queued.id, old.id])
    );
    expect(jobs.snapshot.hasMore).toBe(false);
  });

  it('forgets a job here as there', async () => {
    jobs.use();
    await settle();
    bridge.on(`DELETE jobs/${queued.id}`, { status: 204 });
    await jobs.forget(queued.id, 'keep');
    expect(jobs.snapshot.jobs).toEqual([]);
  });

  it('changes nothing after it was disposed', async () => {
    jobs.use();
    await settle();
    const { snapshot } = jobs;
    const count = bridge.asked.length;
    jobs.dispose();
    hint(9);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(jobs.snapshot).toBe(snapshot);
    expect(bridge.asked).toHaveLength(count);
  });
});
