import React, { act } from 'react';

import type { Job } from '../../../api/types';
import { aCluster, aJob, anId } from '../../../testing/builders';
import type { Drawn } from '../../../testing/react';
import { draw, laidOut, type } from '../../../testing/react';
import type { IJobColumn, JobsSnapshot } from '../../../tokens';
import { factsOf, inOrder } from '../../../view/list/columns';
import { columnOrder, EVERYTHING } from '../../../view/list/filter';
import { Jobs } from '../../../view/list/Jobs';

const dear = aJob({ id: anId('dear'), name: 'dear', resources: { cores: 64 } });
const cheap = aJob({ id: anId('cheap'), name: 'cheap', resources: { cores: 2 } });
const free = aJob({ id: anId('free'), name: 'free', resources: {} });
const cost: IJobColumn = {
  id: 'compute-cost:cost',
  label: 'Cost',
  text: ({ resources: { cores } }) => (cores ? `${cores} €` : null),
  caption: ({ resources: { cores } }) => `${cores} cores at 1 €`,
  key: ({ resources: { cores } }) => cores ?? null
};
const broken: IJobColumn = {
  id: 'bad:one',
  label: 'Bad',
  text: () => {
    throw new Error('no price list');
  }
};
const names = (jobs: readonly Job[]) => jobs.map(({ name }) => name);

describe('factsOf', () => {
  it('says nothing of a job that a column has no value for', () => {
    expect(factsOf([cost], free, 0)).toEqual([]);
    expect(factsOf([cost], dear, 0)).toMatchObject([
      { label: 'Cost', text: '64 €', caption: '64 cores at 1 €' }
    ]);
  });

  it('shows what a column threw in the place of its value, and the others', () => {
    expect(factsOf([broken, cost], dear, 0)).toMatchObject([
      { label: 'Bad', text: '–', caption: 'Error: no price list' },
      { label: 'Cost', text: '64 €' }
    ]);
  });
});

describe('inOrder', () => {
  it('brings the largest first, and last what has none', () => {
    expect(names(inOrder([free, cheap, dear], cost, 0))).toEqual(['dear', 'cheap', 'free']);
  });

  it.each<[string, IJobColumn['key'], string[]]>([
    ['texts by the alphabet', ({ name }) => name, ['cheap', 'dear', 'free']],
    ['numbers before texts', ({ name }) => (name === 'free' ? 1 : name), ['free', 'cheap', 'dear']],
    ['no number as none', ({ name }) => (name === 'dear' ? NaN : 1), ['cheap', 'free', 'dear']],
    ['equal ones as they were', () => 1, ['dear', 'cheap', 'free']],
    [
      'what cannot be told last',
      ({ name }) => {
        if (name === 'dear') {
          throw new Error('unknown');
        }
        return 1;
      },
      ['cheap', 'free', 'dear']
    ]
  ])('takes %s', (_, key, expected) => {
    expect(names(inOrder([dear, cheap, free], { ...cost, key }, 0))).toEqual(expected);
  });
});

describe('a list with columns', () => {
  const events = {
    onOpen: jest.fn(),
    onCancel: jest.fn(),
    onDelete: jest.fn(),
    onOpenResult: jest.fn(),
    onRetry: jest.fn(),
    onMore: jest.fn<Promise<void>, []>(),
    onSearch: jest.fn(),
    onQuery: jest.fn(),
    onRefresh: jest.fn()
  };
  const full: JobsSnapshot = {
    jobs: [free, cheap, dear],
    counts: {},
    clusters: [aCluster()],
    hasMore: false,
    loaded: true,
    sync: 'idle',
    error: null
  };
  let drawn: Drawn;
  let restore: () => void;

  const show = (
    columns: IJobColumn[],
    change: Partial<JobsSnapshot> = {},
    order = EVERYTHING.order
  ) => (
    <Jobs
      snapshot={{ ...full, ...change }}
      columns={columns}
      query={{ ...EVERYTHING, order }}
      events={events}
    />
  );
  const shown = () =>
    [...drawn.node.querySelectorAll('.jp-Compute-jobName')].map(({ textContent }) => textContent);
  const order = () =>
    [...drawn.node.querySelectorAll('select')].find(select =>
      [...select.options].some(({ value }) => value === 'newest')
    )!;

  beforeEach(() => {
    jest.clearAllMocks();
    jest.useFakeTimers();
    events.onMore.mockResolvedValue();
    events.onSearch.mockResolvedValue({ jobs: [], cursor: null });
    restore = laidOut();
    drawn = draw(show([cost]));
  });

  afterEach(() => {
    drawn.remove();
    restore();
    jest.useRealTimers();
  });

  it('says each value with its label, also to those who hear it', () => {
    const [none, some] = drawn.node.querySelectorAll('[role="gridcell"][aria-label]');
    expect(none.querySelector('.jp-Compute-jobColumns')).toBeNull();
    expect(some.querySelector('.jp-Compute-jobColumns')?.textContent).toBe('Cost 2 €');
    expect(some.querySelector('[data-column]')?.getAttribute('title')).toBe('2 cores at 1 €');
    expect(some.getAttribute('aria-label')).toMatch(/, Cost 2 €$/);
  });

  it('follows time while the job is active', () => {
    const counting: IJobColumn = { id: 'a:b', label: 'At', text: (_, now) => String(now) };
    const running = aJob({ id: anId('r'), state: 'running' });
    drawn.redraw(show([counting], { jobs: [running] }));
    const value = () => Number(drawn.node.querySelector('[data-column] b')?.textContent);
    const before = value();
    act(() => jest.advanceTimersByTime(5000));
    expect(value() - before).toBe(5000);
  });

  it('is ordered by a column that says how, and only by such', () => {
    drawn.remove();
    drawn = draw(show([cost, broken], {}, columnOrder(cost.id)));
    expect(shown()).toEqual(['dear', 'cheap', 'free']);
    // An order that is not newest first has opened the filters.
    expect([...order().options].map(({ text }) => text).slice(5)).toEqual(['Cost']);
    expect(order().value).toBe(columnOrder(cost.id));
  });

  it('asks for all older jobs before it says what comes first', async () => {
    const answers: (() => void)[] = [];
    events.onMore.mockImplementation(() => new Promise(resolve => void answers.push(resolve)));
    drawn.remove();
    drawn = draw(show([cost], { jobs: [free], hasMore: true }, columnOrder(cost.id)));
    expect(answers).toHaveLength(1);
    drawn.redraw(show([cost], { jobs: [free, cheap], hasMore: true }));
    await act(async () => answers[0]());
    expect(answers).toHaveLength(2);
    expect(drawn.node.textContent).toContain('Loading older jobs…');
    drawn.redraw(show([cost], { hasMore: false }));
    await act(async () => answers[1]());
    expect(answers).toHaveLength(2);
    expect(shown()).toEqual(['dear', 'cheap', 'free']);
    expect(drawn.node.textContent).not.toContain('Loading older jobs…');
  });

  it('asks for every page of a search, too', async () => {
    const pages = [
      { jobs: [cheap], cursor: 'two' },
      { jobs: [dear], cursor: 'three' },
      { jobs: [free], cursor: null }
    ];
    events.onSearch.mockImplementation(async () => pages.shift());
    drawn.remove();
    drawn = draw(show([cost], {}, columnOrder(cost.id)));
    type(drawn.node.querySelector('input') as HTMLInputElement, 'e');
    await act(() => jest.advanceTimersByTimeAsync(1000));
    expect(events.onSearch.mock.calls.map(([, cursor]) => cursor)).toEqual([null, 'two', 'three']);
    expect(events.onSearch.mock.calls[0][0]).toMatchObject({ q: 'e', sort: '-created' });
    expect(shown()).toEqual(['dear', 'cheap', 'free']);
  });

  it('does not ask on and on while the server does not answer', async () => {
    const error = { message: 'gone' } as JobsSnapshot['error'];
    drawn.remove();
    drawn = draw(show([cost], { hasMore: true, error }, columnOrder(cost.id)));
    await act(() => jest.advanceTimersByTimeAsync(5000));
    // The end of a short list is in view, which asks once, as without columns.
    expect(events.onMore.mock.calls.length).toBeLessThanOrEqual(1);
  });

  it('shows the newest first while the column is not there, and keeps the wish', () => {
    drawn.remove();
    drawn = draw(show([], {}, columnOrder(cost.id)));
    expect(shown()).toEqual(['free', 'cheap', 'dear']);
    type(drawn.node.querySelector('input') as HTMLInputElement, 'e');
    expect(events.onQuery).toHaveBeenCalledWith(
      expect.objectContaining({ text: 'e', order: columnOrder(cost.id) })
    );
    drawn.redraw(show([cost], {}, columnOrder(cost.id)));
    expect(shown()).toEqual(['dear', 'cheap', 'free']);
  });
});
