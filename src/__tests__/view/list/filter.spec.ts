import { aJob, anId } from '../../../testing/builders';
import type { Query } from '../../../view/list/filter';
import {
  count,
  EVERYTHING,
  isPlain,
  recalled,
  rows,
  select,
  settings,
  toFilter,
  upTo
} from '../../../view/list/filter';

const running = aJob({
  id: anId('running'),
  state: 'running',
  name: 'Train Model',
  native_id: '48213',
  created_at: '2026-03-03T12:00:00.000Z'
});
const failed = aJob({
  id: anId('failed'),
  state: 'failed',
  profile: 'short',
  profile_title: 'Short queue',
  created_at: '2026-03-02T12:00:00.000Z'
});
const lost = aJob({
  id: anId('lost'),
  state: 'unknown',
  node: 'n17',
  source: { kind: 'cells', path: 'deep/b.ipynb', cells: [] },
  created_at: '2026-03-01T12:00:00.000Z'
});
const jobs = [running, failed, lost];
const ask = (change: Partial<Query>): Query => ({ ...EVERYTHING, ...change });

describe('select', () => {
  it.each<[Partial<Query>, unknown[]]>([
    [{}, jobs],
    [{ chip: 'active' }, [running]],
    [{ chip: 'failed' }, [failed, lost]],
    [{ text: 'model train' }, [running]],
    [{ text: '48213' }, [running]],
    [{ text: 'SHORT' }, [failed]],
    [{ text: 'deep/b' }, [lost]],
    [{ text: 'n17' }, [lost]],
    [{ chip: 'active', text: 'short' }, []],
    [{ text: '  ' }, jobs],
    [{ profile: 'short' }, [failed]],
    [{ path: 'deep/b.ipynb' }, [lost]],
    [{ from: '2026-03-02' }, [running, failed]],
    [{ to: '2026-03-02' }, [failed, lost]],
    [{ from: '2026-03-02', to: '2026-03-02' }, [failed]],
    [{ order: 'oldest' }, [lost, failed, running]],
    [{ order: 'name' }, [failed, lost, running]],
    [{ order: 'state' }, [failed, running, lost]],
    [{ order: 'profile', chip: 'failed' }, [lost, failed]]
  ])('%j', (change, expected) => expect(select(jobs, ask(change))).toEqual(expected));

  it('hands back the same list when nothing is filtered', () => {
    expect(select(jobs, EVERYTHING)).toBe(jobs);
  });

  it('leaves the list that it was given as it is', () => {
    select(jobs, ask({ order: 'oldest' }));
    expect(jobs[0]).toBe(running);
  });
});

describe('upTo', () => {
  it('cuts where jobs have not been loaded yet', () => {
    const query = ask({ order: 'oldest' });
    expect(upTo(select(jobs, query), failed, query)).toEqual([lost, failed]);
    expect(upTo(jobs, failed, ask({}))).toEqual([running, failed]);
  });
});

describe('toFilter', () => {
  it('asks the server the same', () => {
    expect(toFilter(EVERYTHING)).toEqual({ sort: '-created' });
    const query = ask({
      chip: 'failed',
      text: ' a b ',
      profile: 'p',
      path: 'x.ipynb',
      order: 'name'
    });
    expect(toFilter(query)).toEqual({
      state: 'failed,unknown',
      q: 'a b',
      profile: 'p',
      path: 'x.ipynb',
      sort: 'name'
    });
  });

  it('takes days for days of the reader, the last one whole', () => {
    const { created_after, created_before } = toFilter(
      ask({ from: '2026-03-02', to: '2026-03-02' })
    );
    expect(new Date(String(created_after)).toString()).toContain('Mar 02 2026 00:00:00');
    expect(new Date(String(created_before)).toString()).toContain('Mar 03 2026 00:00:00');
  });
});

describe('settings', () => {
  it('counts what is not as usual, but for words and chips, which one sees', () => {
    expect(settings(EVERYTHING)).toBe(0);
    expect(settings(ask({ text: 'a', chip: 'failed' }))).toBe(0);
    expect(settings(ask({ profile: 'p', order: 'name', grouped: true }))).toBe(3);
  });

  it('does not take groups for a question to the server', () => {
    expect(isPlain(ask({ grouped: true }))).toBe(true);
    expect(isPlain(ask({ order: 'oldest' }))).toBe(false);
  });
});

describe('rows', () => {
  it('puts notebooks above their jobs, and hides those of folded ones', () => {
    const other = aJob({ id: anId('other'), source: failed.source });
    const all = rows([running, lost, other], true, new Set(['deep/b.ipynb']));
    expect(all.map(({ key }) => key)).toEqual([
      'group:analysis.ipynb',
      running.id,
      other.id,
      'group:deep/b.ipynb'
    ]);
    expect(all[0]).toMatchObject({ count: 2, active: 2, isFolded: false });
    expect(all[3]).toMatchObject({ count: 1, active: 0, isFolded: true });
  });

  it('is the jobs where nothing is grouped', () => {
    expect(rows(jobs, false, new Set()).map(({ key }) => key)).toEqual(jobs.map(({ id }) => id));
  });
});

describe('recalled', () => {
  it.each([
    [undefined, EVERYTHING],
    ['nonsense', EVERYTHING],
    [{ text: 'a', chip: 'active' }, ask({ text: 'a', chip: 'active' })],
    [{ text: 5, grouped: 'yes', other: 1 }, EVERYTHING],
    [{ chip: 'nothing like it', text: 'a' }, EVERYTHING],
    [{ order: 'toString' }, EVERYTHING],
    [{ from: 'yesterday' }, EVERYTHING],
    [{ from: '2026-03-01' }, ask({ from: '2026-03-01' })]
  ])('%j', (kept, expected) => expect(recalled(kept)).toEqual(expected));
});

describe('count', () => {
  it('adds the states of a chip', () => {
    const counts = { running: 2, queued: 3, failed: 1, unknown: 1, succeeded: 10 };
    expect(count('all', counts)).toBe(17);
    expect(count('active', counts)).toBe(5);
    expect(count('failed', counts)).toBe(2);
  });
});
