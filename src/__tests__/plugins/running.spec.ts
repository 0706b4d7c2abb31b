import { Dialog } from '@jupyterlab/apputils';
import type { IRunningSessions } from '@jupyterlab/running';
import { RunningSessionManagers } from '@jupyterlab/running';
import { acceptDialog, dismissDialog } from '@jupyterlab/testing';
import { Signal } from '@lumino/signaling';

import { ComputeError } from '../../api/errors';
import type { Job } from '../../api/types';
import { CommandIDs } from '../../plugins/ids';
import { runningPlugin } from '../../plugins/running';
import type { FakeApp } from '../../testing/app';
import { anApp } from '../../testing/app';
import { aJob, anId } from '../../testing/builders';
import { openedDialog } from '../../testing/dialog';
import type { IJobs } from '../../tokens';

describe('the Running panel', () => {
  const old = aJob({ id: anId('old'), state: 'running' });
  let jobs: { snapshot: unknown; changed: Signal<object, void> } & Record<string, unknown>;
  let cancelled: string[];
  /** The job that cannot be cancelled. */
  let refused: string;
  let ask: FakeApp;
  let manager: IRunningSessions.IManager;

  const put = (some: Job[], counts: Record<string, number>, hasMore = false) => {
    jobs.snapshot = { jobs: some, clusters: [], counts, hasMore, error: null };
    jobs.changed.emit();
  };
  const settle = async () => {
    await Promise.all([import('../../view/running'), import('../../plugins/cancelAll')]);
    for (let turn = 0; turn < 10; turn++) {
      await new Promise(process.nextTick);
    }
  };

  beforeEach(() => {
    cancelled = [];
    refused = '';
    jobs = {
      snapshot: null,
      changed: new Signal({}),
      listen: jest.fn(),
      refresh: jest.fn().mockResolvedValue(undefined),
      more: async () => put([...(jobs.snapshot as { jobs: Job[] }).jobs, old], { running: 2 }),
      bulk: async (action: string, ids: string[]) => {
        cancelled.push(...ids.map(id => `${action} ${id}`));
        return {
          done: ids.filter(id => id !== refused),
          failed: ids
            .filter(id => id === refused)
            .map(id => ({ id, error: { code: 'wrong_state', message: 'It has ended.', hint: '' } }))
        };
      }
    };
    put([], {});
    ask = anApp();
    const managers = new RunningSessionManagers();
    void runningPlugin.activate(ask, jobs as unknown as IJobs, managers, null, null);
    manager = managers.items()[0];
  });

  afterEach(() => Dialog.flush());

  it('lists what is active, and says when that changed', async () => {
    let times = 0;
    manager.runningChanged.connect(() => times++);
    const labels = () => manager.running({ mode: 'list' }).map(({ label }) => label());
    const job = aJob({ name: 'train', state: 'running' });
    put([job, aJob({ id: anId('done'), state: 'succeeded' })], { running: 1 });
    await settle();
    expect([labels(), times]).toEqual([['train'], 1]);
    put([job], { running: 1 });
    await settle();
    expect(times).toBe(1);
    put([{ ...job, state: 'succeeded' }], {});
    await settle();
    expect([labels(), times]).toEqual([[], 2]);
  });

  it('cancels all, also those that were not loaded, but not what has no way to be', async () => {
    put([aJob({ state: 'running' }), aJob({ id: anId('send'), can: [] })], { running: 2 }, true);
    put([aJob({ state: 'running' })], { running: 2 }, true);
    manager.shutdownAll();
    await settle();
    expect(cancelled).toEqual([`cancel ${aJob().id}`, `cancel ${old.id}`]);
  });

  it('says that one could not be cancelled, and why', async () => {
    refused = old.id;
    put([old, aJob({ state: 'running' })], { running: 2 });
    manager.shutdownAll();
    expect((await openedDialog()).textContent).toContain('It has ended.');
    expect(cancelled).toHaveLength(2);
    await acceptDialog();
  });

  it('does not take a silent server for one without jobs', async () => {
    jobs.snapshot = { jobs: [], counts: {}, error: new ComputeError('x', { code: 'offline' }) };
    const asked = ask.commands.execute(CommandIDs.cancelAll);
    expect((await openedDialog()).textContent).toContain('The server does not answer.');
    await acceptDialog();
    await asked;
    expect(cancelled).toEqual([]);
  });

  it('asks from the palette, with the number, and takes no for an answer', async () => {
    put([old, aJob({ state: 'queued' })], { running: 1, queued: 1 });
    const first = ask.commands.execute(CommandIDs.cancelAll);
    expect((await openedDialog()).textContent).toContain('2 jobs run or wait.');
    await dismissDialog();
    await first;
    expect(cancelled).toEqual([]);
    const second = ask.commands.execute(CommandIDs.cancelAll);
    await openedDialog();
    await acceptDialog();
    await second;
    expect(cancelled).toHaveLength(2);
  });

  it('says when there is nothing to cancel', async () => {
    const asked = ask.commands.execute(CommandIDs.cancelAll);
    expect((await openedDialog()).textContent).toContain('Nothing runs and nothing waits.');
    await acceptDialog();
    await asked;
    expect(cancelled).toEqual([]);
  });
});
