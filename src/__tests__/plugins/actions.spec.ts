import { Dialog } from '@jupyterlab/apputils';
import { acceptDialog, dismissDialog } from '@jupyterlab/testing';

import type { Job } from '../../api/types';
import { actionsPlugin } from '../../plugins/actions';
import { CommandIDs } from '../../plugins/ids';
import type { FakeApp } from '../../testing/app';
import { anApp } from '../../testing/app';
import { aJob, anId } from '../../testing/builders';
import { openedDialog } from '../../testing/dialog';
import type { IJobs } from '../../tokens';

const running = aJob({ id: anId('running'), state: 'running', can: ['cancel'] });
const queued = aJob({ id: anId('queued'), state: 'queued', can: ['cancel', 'hold'] });
const done = aJob({
  id: anId('done'),
  state: 'succeeded',
  landed: 'done.ipynb',
  can: ['retry', 'forget']
});
const lost = aJob({ id: anId('lost'), state: 'unknown', can: ['send_again', 'forget'] });

describe('the actions', () => {
  let app: FakeApp;
  const jobs = {
    find: (id: string) => [running, queued, done, lost].find(job => job.id === id),
    cancel: jest.fn().mockResolvedValue(running),
    hold: jest.fn().mockResolvedValue(queued),
    retry: jest.fn().mockResolvedValue(queued),
    forget: jest.fn().mockResolvedValue(undefined),
    bulk: jest.fn().mockResolvedValue({ done: [], failed: [] })
  };
  const isVisible = (command: string, { id }: Job) => app.commands.isVisible(command, { id });
  const execute = (command: string, ...ids: string[]) => app.commands.execute(command, { ids });

  beforeEach(() => {
    jest.clearAllMocks();
    app = anApp();
    void actionsPlugin.activate(app, jobs as unknown as IJobs, null);
  });

  afterEach(() => Dialog.flush());

  it('are offered as the job can', () => {
    expect(isVisible(CommandIDs.cancelJob, running)).toBe(true);
    expect(isVisible(CommandIDs.cancelJob, done)).toBe(false);
    expect(isVisible(CommandIDs.holdJob, queued)).toBe(true);
    expect(isVisible(CommandIDs.releaseJob, queued)).toBe(false);
    expect(isVisible(CommandIDs.retryJob, lost)).toBe(true);
    expect(isVisible(CommandIDs.openResult, done)).toBe(true);
    expect(isVisible(CommandIDs.openResult, lost)).toBe(false);
  });

  it('say “send again” and “forget” of what we lost track of', () => {
    expect(app.commands.label(CommandIDs.retryJob, { id: lost.id })).toBe('Send again');
    expect(app.commands.label(CommandIDs.retryJob, { id: done.id })).toBe('Run again');
    expect(app.commands.label(CommandIDs.deleteJob, { id: lost.id })).toBe('Forget…');
  });

  it('cancel what waits at once, and ask before they stop what runs', async () => {
    await execute(CommandIDs.cancelJob, queued.id);
    expect(jobs.cancel).toHaveBeenCalledWith(queued.id);
    const cancelled = execute(CommandIDs.cancelJob, running.id);
    await dismissDialog();
    await cancelled;
    expect(jobs.cancel).toHaveBeenCalledTimes(1);
    const again = execute(CommandIDs.cancelJob, running.id);
    await acceptDialog();
    await again;
    expect(jobs.cancel).toHaveBeenLastCalledWith(running.id);
  });

  it('ask before they delete, and keep the files when told to', async () => {
    const deleted = execute(CommandIDs.deleteJob, done.id, lost.id);
    const dialog = await openedDialog();
    dialog.querySelector<HTMLInputElement>('.jp-Dialog-checkbox input')?.click();
    await acceptDialog();
    await deleted;
    expect(jobs.forget.mock.calls).toEqual([
      [done.id, 'keep'],
      [lost.id, 'keep']
    ]);
  });

  it('delete nothing when one goes back', async () => {
    const deleted = execute(CommandIDs.deleteJob, done.id);
    await dismissDialog();
    await deleted;
    expect(jobs.forget).not.toHaveBeenCalled();
  });

  it('mean the row that was right-clicked, and all selected ones with it', async () => {
    const grid = document.createElement('div');
    // Also what is not in the page now.
    grid.dataset.selected = [lost.id, done.id].join(' ');
    for (const { id } of [queued, lost]) {
      const row = grid.appendChild(document.createElement('div'));
      row.dataset.id = id;
      row.setAttribute('aria-selected', String(id !== queued.id));
    }
    const [first, second] = grid.children;
    app.hit = first as HTMLElement;
    await app.commands.execute(CommandIDs.holdJob);
    expect(jobs.hold.mock.calls).toEqual([[queued.id]]);
    app.hit = second as HTMLElement;
    await app.commands.execute(CommandIDs.retryJob);
    expect(jobs.retry.mock.calls).toEqual([[lost.id], [done.id]]);
  });

  it('run a job again once, however often they are asked while it is on its way', async () => {
    await Promise.all([
      execute(CommandIDs.retryJob, done.id),
      execute(CommandIDs.retryJob, done.id)
    ]);
    expect(jobs.retry).toHaveBeenCalledTimes(1);
    await execute(CommandIDs.retryJob, done.id);
    expect(jobs.retry).toHaveBeenCalledTimes(2);
  });

  it('delete many by one wish, and say together what could not be', async () => {
    const error = {
      code: 'wrong_state',
      message: 'It is still running.',
      hint: 'Cancel it first.'
    };
    jobs.bulk.mockResolvedValue({
      done: [],
      failed: [done.id, lost.id].map(id => ({ id, error }))
    });
    const deleted = execute(CommandIDs.deleteJob, done.id, lost.id);
    await acceptDialog();
    const told = await openedDialog();
    expect(told.textContent).toContain('It is still running.');
    await acceptDialog();
    await deleted;
    expect(jobs.bulk.mock.calls).toEqual([['forget', [done.id, lost.id]]]);
    expect(jobs.forget).not.toHaveBeenCalled();
  });

  it('say how many they cancel, also those that do not run yet', async () => {
    const cancelled = execute(CommandIDs.cancelJob, running.id, queued.id);
    expect((await openedDialog()).querySelector('.jp-mod-warn')?.textContent).toBe('Cancel 2 jobs');
    await dismissDialog();
    await cancelled;
  });

  it('open the executed copy', async () => {
    await execute(CommandIDs.openResult, done.id);
    expect(app.opened).toEqual(['done.ipynb']);
  });

  it('say what went wrong', async () => {
    jobs.retry.mockRejectedValueOnce(new Error('The queue is closed.'));
    const retried = execute(CommandIDs.retryJob, done.id);
    expect((await openedDialog()).textContent).toContain('The queue is closed.');
    await acceptDialog();
    await retried;
  });
});
