import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import React, { act } from 'react';

import { ComputeError } from '../../api/errors';
import { aCluster, aJob, anId } from '../../testing/builders';
import { click, draw } from '../../testing/react';
import type { JobsSnapshot } from '../../tokens';
import { Status, statusLine } from '../../view/status';

const trans = nullTranslator.load('jupyterlab_compute');
const some: JobsSnapshot = {
  jobs: [],
  counts: {},
  clusters: [],
  hasMore: false,
  loaded: true,
  sync: 'idle',
  error: null
};
const silentJob = (id: string, state: 'running' | 'queued') =>
  aJob({ id: anId(id), state, cluster: 'a', stale_since: '2026-03-01T09:40:00Z' });

describe('statusLine', () => {
  const text = (change: Partial<JobsSnapshot>) => statusLine({ ...some, ...change }, trans)?.text;

  it.each([
    [{ running: 2, queued: 1 }, '2 running, 1 queued'],
    [{ running: 1, completing: 1, succeeded: 40 }, '2 running'],
    [{ submitting: 1, queued: 2, held: 3 }, '3 queued, 3 on hold'],
    [{ succeeded: 3, unknown: 1, running: 0 }, undefined],
    [{}, undefined]
  ])('counts what the server counts: %j', (counts, expected) => {
    expect(text({ counts })).toBe(expected);
  });

  it('does not tell the last word of a silent scheduler as news', () => {
    const jobs = [silentJob('x', 'running'), silentJob('y', 'queued')];
    const clusters = [aCluster({ name: 'a', title: 'slurm-a', ok: false })];
    const line = statusLine({ ...some, jobs, clusters, counts: { running: 2, queued: 1 } }, trans);
    expect(line).toMatchObject({ text: '1 running, 2 without word', isStale: false });
    expect(line?.detail).toMatch(
      /^1 running\nNo word from slurm-a since .* · was 1 running, 1 queued$/
    );
    const only = statusLine({ ...some, jobs, clusters, counts: { running: 1, queued: 1 } }, trans);
    expect(only).toMatchObject({ text: '2 without word', isStale: true });
  });

  it('says what was, when the server itself is silent', () => {
    const error = new ComputeError('gone', { code: 'offline' });
    const line = statusLine({ ...some, counts: { running: 1 }, sync: 'stale', error }, trans);
    expect(line).toEqual({
      text: 'was 1 running',
      detail: 'The server does not answer. · was 1 running',
      isStale: true
    });
    expect(text({ counts: { succeeded: 1 }, error })).toBeUndefined();
  });
});

describe('Status', () => {
  it('follows the jobs, and opens the panel', () => {
    const store = {
      snapshot: { ...some, counts: { running: 1 } },
      changed: new Signal<object, void>({})
    };
    const onOpen = jest.fn();
    const drawn = draw(<Status jobs={store as never} onOpen={onOpen} />);
    click(drawn.button('Compute: 1 running'));
    expect(onOpen).toHaveBeenCalledTimes(1);
    store.snapshot = { ...some, counts: { running: 1, queued: 4 } } as typeof store.snapshot;
    act(() => store.changed.emit());
    expect(drawn.node.textContent).toBe('1 running, 4 queued');
    store.snapshot = some as typeof store.snapshot;
    act(() => store.changed.emit());
    expect(drawn.node.textContent).toBe('');
    drawn.remove();
  });
});
