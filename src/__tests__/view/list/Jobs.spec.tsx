import React, { act } from 'react';

import { ComputeError, NoBridgeError, OfflineError } from '../../../api/errors';
import { aJob, anId } from '../../../testing/builders';
import type { Drawn } from '../../../testing/react';
import { click, draw, focus, laidOut, press, type } from '../../../testing/react';
import type { JobsSnapshot } from '../../../tokens';
import { EVERYTHING } from '../../../view/list/filter';
import { Jobs } from '../../../view/list/Jobs';

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
    onSearch: jest.fn(),
    onQuery: jest.fn(),
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

  let restore: () => void;

  beforeEach(() => {
    jest.clearAllMocks();
    jest.useFakeTimers();
    events.onMore.mockResolvedValue(undefined);
    events.onSearch.mockResolvedValue({ jobs: [], cursor: null });
    restore = laidOut();
    drawn = draw(view());
  });

  afterEach(() => {
    drawn.remove();
    restore();
    jest.useRealTimers();
  });

  const typed = (text: string) => type(drawn.node.querySelector('input') as HTMLInputElement, text);
  const later = () => act(() => jest.advanceTimersByTimeAsync(1000));

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
    click(drawn.button('Show all jobs'));
    expect(search.value).toBe('');
    expect(rows()).toEqual(['one', 'two']);
  });

  it('loads older jobs when the end comes into view, if there are some, once at a time', async () => {
    await later();
    expect(events.onMore).not.toHaveBeenCalled();
    let arrive = () => undefined as void;
    events.onMore.mockReturnValue(new Promise<void>(resolve => (arrive = resolve)));
    drawn.redraw(view({ hasMore: true }));
    drawn.redraw(view({ hasMore: true, jobs: [{ ...one, revision: 9 }, two] }));
    expect(events.onMore).toHaveBeenCalledTimes(1);
    expect(drawn.node.textContent).toContain('Loading older jobs…');
    arrive();
    await later();
    expect(drawn.node.textContent).not.toContain('Loading older jobs…');
  });

  it('asks the server for what is searched, not at every letter, and keeps what one wants to see', async () => {
    typed('o');
    typed('on');
    await later();
    expect(events.onSearch.mock.calls).toEqual([[{ q: 'on', sort: '-created' }, null]]);
    expect(events.onQuery).toHaveBeenLastCalledWith({ ...EVERYTHING, text: 'on' });
    typed('');
    await later();
    expect(events.onSearch).toHaveBeenCalledTimes(1);
  });

  it('shows nothing beyond a gap that has not been loaded', async () => {
    const old = aJob({ id: anId('old'), name: 'two, but old', created_at: '2020-01-01T00:00:00Z' });
    const page = { jobs: [two], cursor: 'further' };
    events.onSearch.mockResolvedValueOnce(page).mockReturnValue(new Promise(() => undefined));
    typed('two');
    await later();
    drawn.redraw(view({ jobs: [one, two, old] }));
    expect(rows()).toEqual(['two']);
    expect(events.onSearch).toHaveBeenLastCalledWith({ q: 'two', sort: '-created' }, 'further');
  });

  it('says when older jobs could not be loaded, and tries again when told to', async () => {
    events.onSearch.mockRejectedValueOnce(new OfflineError(null));
    typed('two');
    await later();
    expect(drawn.node.textContent).toContain('Older jobs could not be loaded.');
    click(drawn.button('Try again'));
    await later();
    expect(drawn.node.textContent).not.toContain('could not be loaded');
    expect(events.onSearch).toHaveBeenCalledTimes(2);
  });

  it('remembers the filters that were set, and shows how many', () => {
    drawn.remove();
    drawn = draw(
      <Jobs
        snapshot={full}
        events={events}
        query={{ ...EVERYTHING, order: 'name', grouped: true }}
      />
    );
    expect(drawn.button('Filter, sort and group').textContent).toBe('2');
    expect(drawn.node.querySelector('.jp-Compute-groupName')?.textContent).toBe('analysis.ipynb');
    click(drawn.button('Reset'));
    expect(events.onQuery).toHaveBeenLastCalledWith(EVERYTHING);
    expect(drawn.node.querySelector('.jp-Compute-groupName')).toBeNull();
  });

  it('offers for all that are selected what each of them can', () => {
    const over = { ...two, can: ['retry' as const, 'forget' as const] };
    drawn.redraw(view({ jobs: [{ ...one, can: ['cancel' as const] }, over] }));
    focus(drawn.node.querySelector('[role="row"]') as HTMLElement);
    press('a', document.activeElement, { ctrlKey: true });
    expect(drawn.node.querySelector('[role="toolbar"]')?.textContent).toContain('2 selected');
    click(drawn.button('Cancel 1'));
    expect(events.onCancel).toHaveBeenCalledWith([one.id]);
    click(drawn.button('Delete 1…'));
    expect(events.onDelete).toHaveBeenCalledWith([two.id]);
    click(drawn.button('Select none'));
    expect(drawn.node.querySelector('[role="toolbar"]')).toBeNull();
  });

  it('does not keep selected what is not shown any more', () => {
    focus(drawn.node.querySelectorAll<HTMLElement>('[role="row"]')[1]);
    press(' ');
    expect(drawn.node.textContent).toContain('1 selected');
    drawn.redraw(view({ jobs: [one] }));
    drawn.redraw(view());
    expect(drawn.node.textContent).not.toContain('selected');
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
