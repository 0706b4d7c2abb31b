import React from 'react';

import { ComputeError, NoBridgeError, OfflineError } from '../../api/errors';
import { aJob, anId } from '../../testing/builders';
import type { Drawn } from '../../testing/react';
import { click, draw, focus, type } from '../../testing/react';
import type { JobsSnapshot } from '../../tokens';
import { Jobs } from '../../view/Jobs';

const one = aJob({ id: anId('one'), name: 'one', state: 'running' });
const two = aJob({ id: anId('two'), name: 'two', state: 'failed' });
const full: JobsSnapshot = {
  jobs: [one, two],
  counts: { running: 1, failed: 1 },
  clusters: [],
  hasMore: false,
  loaded: true,
  sync: 'idle',
  error: null
};

describe('Jobs', () => {
  const events = {
    onOpen: jest.fn(),
    onCancel: jest.fn(),
    onDelete: jest.fn(),
    onOpenResult: jest.fn(),
    onRetry: jest.fn(),
    onMore: jest.fn(),
    onRefresh: jest.fn(),
    onExample: jest.fn()
  };
  let drawn: Drawn;

  const view = (change: Partial<JobsSnapshot> = {}) => (
    <Jobs snapshot={{ ...full, ...change }} events={events} />
  );
  const rows = () =>
    [...drawn.node.querySelectorAll('[role="row"] .jp-Compute-jobName')].map(
      name => name.textContent
    );

  beforeEach(() => {
    jest.clearAllMocks();
    drawn = draw(view());
  });

  afterEach(() => drawn.remove());

  it('teaches the first step when there are no jobs', () => {
    drawn.redraw(view({ jobs: [] }));
    expect(drawn.node.textContent).toContain('No jobs yet.');
    click(drawn.button('Try the example notebook'));
    expect(events.onExample).toHaveBeenCalledTimes(1);
  });

  it('keeps the focus in the panel when the last row goes, and takes it from nobody else', () => {
    focus(drawn.node.querySelector('[role="row"]') as HTMLElement);
    drawn.redraw(view({ jobs: [] }));
    expect(document.activeElement?.textContent).toContain('No jobs yet.');
    drawn.redraw(view());
    drawn.redraw(view({ jobs: [] }));
    expect(document.activeElement).toBe(document.body);
  });

  it('does not take a list that has not come for an empty one', () => {
    drawn.redraw(view({ jobs: [], loaded: false, sync: 'loading' }));
    expect(drawn.node.textContent).toBe('Loading…');
  });

  it('says how to install the half that is missing', () => {
    drawn.redraw(view({ jobs: [], loaded: false, error: new NoBridgeError(null) }));
    expect(drawn.node.textContent).toContain('pip install jupyterlab-compute');
    click(drawn.button('Try again'));
    expect(events.onRefresh).toHaveBeenCalledTimes(1);
  });

  it("shows an error's own hint", () => {
    const error = new ComputeError('Broken.', { code: 'x', hint: 'Mend it.' });
    drawn.redraw(view({ jobs: [], loaded: false, error }));
    expect(drawn.node.textContent).toContain('Broken.Mend it.');
  });

  it('keeps the jobs on the screen when the server is gone, and says that they may be old', () => {
    drawn.redraw(view({ sync: 'stale', error: new OfflineError(null) }));
    expect(rows()).toEqual(['one', 'two']);
    expect(drawn.node.textContent).toContain('What you see may be old.');
  });

  it('filters by chip and by words', () => {
    click(drawn.button('Failed 1'));
    expect(rows()).toEqual(['two']);
    click(drawn.button('All 2'));
    const search = drawn.node.querySelector('input') as HTMLInputElement;
    type(search, 'on');
    expect(rows()).toEqual(['one']);
    type(search, 'nothing like it');
    expect(drawn.node.textContent).toContain('No job matches.');
  });

  it('offers older jobs only when there are some', () => {
    expect(() => drawn.button('Show older jobs')).toThrow();
    drawn.redraw(view({ hasMore: true }));
    click(drawn.button('Show older jobs'));
    expect(events.onMore).toHaveBeenCalledTimes(1);
  });

  it('tells changes of state politely, but not the first list', () => {
    const status = () => drawn.node.querySelector('[aria-live="polite"]')?.textContent;
    expect(status()).toBe('');
    drawn.redraw(view({ jobs: [{ ...one, revision: 2, state: 'succeeded' }, two] }));
    expect(status()).toBe('one: Done');
    const three = aJob({ id: anId('three'), name: 'three', state: 'queued' });
    drawn.redraw(view({ jobs: [three, one, two] }));
    expect(status()).toContain('three: Waiting');
  });

  it('does not take older jobs that were loaded for changes', () => {
    const older = aJob({ id: anId('older'), name: 'older', state: 'succeeded' });
    drawn.redraw(view({ jobs: [one, two, older] }));
    expect(drawn.node.querySelector('[aria-live="polite"]')?.textContent).toBe('');
  });
});
