import { Notification } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';

import type { Job } from '../../api/types';
import { toastsPlugin } from '../../plugins/toasts';
import { anApp } from '../../testing/app';
import { aJob } from '../../testing/builders';
import type { IJobs } from '../../tokens';

describe('the toast at the end', () => {
  let ended: Signal<IJobs, Job>;
  const shown = async (job: Partial<Job>, atEnd = 'all') => {
    const settings = { get: () => ({ composite: atEnd }) };
    const registry = { load: async () => settings };
    ended = new Signal({} as IJobs);
    void toastsPlugin.activate(
      anApp(),
      { ended, snapshot: { clusters: [] } } as unknown as IJobs,
      registry as never,
      null
    );
    ended.emit(aJob(job));
    await new Promise(process.nextTick);
    await import('../../view/words');
    await new Promise(process.nextTick);
    return Notification.manager.notifications.map(({ message, type, options }) => ({
      message,
      type,
      labels: (options.actions ?? []).map(({ label }) => label)
    }));
  };

  afterEach(() => Notification.dismiss());

  it('offers the result of a notebook', async () => {
    expect(await shown({ name: 'a', state: 'succeeded', landed: 'a-1.ipynb' })).toEqual([
      { message: 'a: Done · This machine', type: 'success', labels: ['Open result', 'Show job'] }
    ]);
  });

  it('leads to the cells that were run', async () => {
    const source = { kind: 'cells' as const, path: 'a.ipynb', cells: [] };
    const [{ labels }] = await shown({ state: 'succeeded', source });
    expect(labels).toEqual(['Show cells', 'Show job']);
  });

  it('says why a job failed', async () => {
    const reason = { code: 'timeout', text: 'It reached its time limit.' };
    expect(await shown({ name: 'a', state: 'failed', reason })).toEqual([
      { message: 'a: Out of time: It reached its time limit', type: 'error', labels: ['Show job'] }
    ]);
  });

  it('shortens the name in the middle, so that the reason is there to its end', async () => {
    const name = `${'the notebook of a long '.repeat(8)}title.ipynb`;
    const text = 'Killed: used more than 2 GiB. Ask for more memory in the profile.';
    const [{ message }] = await shown({ name, state: 'failed', reason: { code: 'error', text } });
    expect(message).toMatch(/^the notebook of .*….*title\.ipynb: Failed: Killed: .* the profile$/);
    expect(message).toHaveLength(140);
  });

  it('leaves the name out where the reason needs the room', async () => {
    const text = 'x'.repeat(125);
    const [{ message }] = await shown({ state: 'failed', reason: { code: 'error', text } });
    expect(message).toBe(`Failed: ${text}`);
  });

  it('is silent when one cancelled it oneself', async () => {
    const cancel_requested_at = '2026-03-01T09:00:00Z';
    expect(await shown({ state: 'cancelled', cancel_requested_at })).toEqual([]);
  });

  it('comes as often as the user wants', async () => {
    expect(await shown({ state: 'succeeded' }, 'failures')).toEqual([]);
    expect(await shown({ state: 'failed' }, 'none')).toEqual([]);
    expect(await shown({ state: 'failed' }, 'failures')).toHaveLength(1);
  });
});
