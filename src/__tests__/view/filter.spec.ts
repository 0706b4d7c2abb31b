import { aJob, anId } from '../../testing/builders';
import { count, filter } from '../../view/filter';

const running = aJob({
  id: anId('running'),
  state: 'running',
  name: 'Train Model',
  native_id: '48213'
});
const failed = aJob({ id: anId('failed'), state: 'failed', profile_title: 'Short queue' });
const lost = aJob({
  id: anId('lost'),
  state: 'unknown',
  source: { kind: 'cells', path: 'deep/b.ipynb', cells: [] }
});
const jobs = [running, failed, lost];

describe('filter', () => {
  it.each([
    ['all' as const, '', jobs],
    ['active' as const, '', [running]],
    ['failed' as const, '', [failed, lost]],
    ['all' as const, 'model train', [running]],
    ['all' as const, '48213', [running]],
    ['all' as const, 'SHORT', [failed]],
    ['all' as const, 'deep/b', [lost]],
    ['active' as const, 'short', []],
    ['all' as const, '  ', jobs]
  ])('%s “%s”', (chip, text, expected) => expect(filter(jobs, chip, text)).toEqual(expected));

  it('hands back the same list when nothing is filtered', () => {
    expect(filter(jobs, 'all', '')).toBe(jobs);
  });
});

describe('count', () => {
  it('adds the states of a chip', () => {
    const counts = { running: 2, queued: 3, failed: 1, unknown: 1, succeeded: 10 };
    expect(count('all', counts)).toBe(17);
    expect(count('active', counts)).toBe(5);
    expect(count('failed', counts)).toBe(2);
  });
});
