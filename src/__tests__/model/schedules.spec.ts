import { Signal } from '@lumino/signaling';

import { ComputeClient } from '../../api/client';
import type { Job } from '../../api/types';
import { Schedules } from '../../model/schedules';
import { FakeBridge, offline } from '../../testing/bridge';
import { aJob, aJobList, anId, aSchedule } from '../../testing/builders';
import type { IJobs } from '../../tokens';

describe('the schedules', () => {
  const id = anId('schedule');
  let bridge: FakeBridge;
  let jobs: { snapshot: { jobs: Job[] }; changed: Signal<unknown, void> };
  let schedules: Schedules;
  const asked = () => bridge.askedFor('GET schedules').length;
  const hear = (...list: Job[]) => {
    jobs.snapshot = { jobs: list };
    jobs.changed.emit();
  };
  const heard = () => new Promise<void>(resolve => schedules.changed.connect(() => resolve()));

  beforeEach(() => {
    bridge = new FakeBridge().on('GET schedules', { json: { schedules: [aSchedule()] } });
    jobs = { snapshot: { jobs: [] }, changed: new Signal<unknown, void>({}) };
    schedules = new Schedules({
      connect: async () => new ComputeClient(bridge.settings),
      jobs: jobs as unknown as IJobs,
      standby: 'never'
    });
  });

  afterEach(() => schedules.dispose());

  it('asks nothing before somebody looks', () => {
    hear(aJob({ schedule: id }));
    expect(asked()).toBe(0);
  });

  it('keeps what it has when the server is away, and says so', async () => {
    await schedules.refresh();
    expect(schedules.snapshot).toMatchObject({ loaded: true, sync: 'idle', error: null });
    bridge.on('GET schedules', offline);
    await schedules.refresh();
    const { snapshot } = schedules;
    expect(snapshot.schedules).toHaveLength(1);
    expect([snapshot.sync, snapshot.error?.code]).toEqual(['stale', 'offline']);
  });

  it('asks again when one of its runs begins or ends, and not for other news', async () => {
    const use = schedules.use();
    await heard();
    await schedules.refresh();
    const before = asked();
    hear(aJob({ schedule: null }));
    expect(asked()).toBe(before);
    const news = heard();
    hear(aJob({ schedule: id, state: 'running' }));
    await news;
    expect(asked()).toBe(before + 1);
    // Its progress is no news for a schedule.
    hear(aJob({ schedule: id, state: 'running', revision: 2 }));
    use.dispose();
    hear(aJob({ schedule: id, state: 'failed' }));
    expect(asked()).toBe(before + 1);
  });

  it('puts what the server answers into its place', async () => {
    await schedules.refresh();
    bridge.on(`POST schedules/${id}/pause`, { json: aSchedule({ paused: true }) });
    await schedules.pause(id);
    expect(schedules.find(id)?.paused).toBe(true);
    bridge.on(`DELETE schedules/${id}`, { status: 204 });
    await schedules.remove(id);
    expect(schedules.snapshot.schedules).toEqual([]);
    bridge.on('POST schedules', { status: 201, json: aSchedule({ name: 'new' }) });
    const { request, cron, timezone } = aSchedule();
    await schedules.create({ key: 'a-key-of-a-page', request, cron, timezone });
    expect(schedules.find(id)?.name).toBe('new');
  });

  it('does not let an old answer undo a new one', async () => {
    await schedules.refresh();
    let answer: (list: { json: unknown }) => void = () => undefined;
    bridge.on('GET schedules', () => new Promise(resolve => (answer = resolve)));
    const late = schedules.refresh();
    while (asked() < 2) {
      await Promise.resolve();
    }
    bridge.on(`POST schedules/${id}/pause`, { json: aSchedule({ paused: true }) });
    await schedules.pause(id);
    answer({ json: { schedules: [aSchedule()] } });
    await late;
    expect(schedules.find(id)?.paused).toBe(true);
  });

  it('runs one now with a key of its own, so that a lost answer makes no second run', async () => {
    bridge.on(`POST schedules/${id}/run`, { status: 201, json: aJob({ schedule: id }) });
    await schedules.run(id);
    const [{ body }] = bridge.askedFor(`POST schedules/${id}/run`);
    expect((body as { key: string }).key).toMatch(/^[A-Za-z0-9-]{8,}$/);
  });

  it('knows the runs of one schedule', async () => {
    bridge.on('GET jobs', { json: aJobList({ jobs: [aJob({ schedule: id })] }) });
    expect(await schedules.history(id)).toHaveLength(1);
    expect(bridge.askedFor('GET jobs')[0].query).toMatchObject({ schedule: id });
  });

  it('hears and says nothing any more once it is disposed', () => {
    const notify = jest.fn();
    schedules.changed.connect(notify);
    schedules.dispose();
    hear(aJob({ schedule: id }));
    expect(notify).not.toHaveBeenCalled();
  });
});
