import { nullTranslator } from '@jupyterlab/translation';

import type { Job } from '../../../api/types';
import { aJob } from '../../../testing/builders';
import { sharesOf, stepsOf } from '../../../view/job/timeline';

const trans = nullTranslator.load('test');
const NOW = Date.parse('2026-03-01T09:10:00Z');
const minute = 60_000;

function told(change: Partial<Job>): [string, number | null, string][] {
  return stepsOf(aJob(change), NOW, 'Slurm', trans).map(({ label, ms, notes }) => [
    label,
    ms,
    notes.join(' | ')
  ]);
}

describe('the timeline', () => {
  it('says of a job that waits why, since when, until when and what is expected', () => {
    const steps = told({
      native_id: '17',
      reason: { code: 'resources', text: '3 jobs ahead ask for the same nodes' },
      queued_at: '2026-03-01T09:00:00Z',
      estimated_start: '2026-03-01T09:30:00Z',
      give_up_at: '2026-03-01T10:00:00Z',
      changed_by_site: { walltime_s: { asked: 3600, got: 1800 } }
    });
    expect(steps.map(([label, ms]) => [label, ms])).toEqual([
      ['Sent', 0],
      ['In the queue', 10 * minute],
      ['Would start', null]
    ]);
    const [, [, , notes]] = steps;
    expect(notes).toContain('As job 17');
    expect(notes).toContain('Waiting: 3 jobs ahead ask for the same nodes');
    expect(notes).toContain('Given up if it has not started by');
    expect(notes).toContain('Time limit: 30 min instead of 1 h');
  });

  it('says of one that runs where, how far it is and when its time is over', () => {
    const steps = told({
      state: 'running',
      node: 'n1',
      attempt: 2,
      started_at: '2026-03-01T09:06:00Z',
      progress: { done: 1, total: 4, current: null }
    });
    const [label, ms, notes] = steps[steps.length - 1];
    expect([label, ms]).toEqual(['Started', 4 * minute]);
    expect(notes).toMatch(/On n1 .*Attempt 2: .*1 of 4 cells done .*30:00 is over at/);
    expect(steps[1][1]).toBe(6 * minute - 1000);
  });

  it('ends with how it ended, and counts no further', () => {
    const change: Partial<Job> = {
      state: 'failed',
      started_at: '2026-03-01T09:02:00Z',
      ended_at: '2026-03-01T09:05:00Z',
      exit: { code: null, signal: 9 },
      reason: { code: 'out_of_memory', text: 'Killed: used more than 2 GiB.' }
    };
    const steps = told(change);
    expect(steps[2][1]).toBe(3 * minute);
    expect(steps[3]).toEqual([
      'Out of memory',
      null,
      'Killed: used more than 2 GiB. | Ended by signal 9'
    ]);
    const shares = sharesOf(aJob(change), NOW, trans).map(({ label, ms }) => [label, ms]);
    expect(shares).toEqual([
      ['Waited', 2 * minute],
      ['Ran', 3 * minute]
    ]);
  });

  it('does not count on while nobody knows how it is', () => {
    const silent = { state: 'running' as const, stale_since: '2026-03-01T09:04:00Z' };
    const job = aJob({ ...silent, started_at: '2026-03-01T09:02:00Z' });
    expect(stepsOf(job, NOW, 'Slurm', trans)[2].ms).toBeNull();
    expect(sharesOf(job, NOW, trans)).toEqual([]);
  });
});
