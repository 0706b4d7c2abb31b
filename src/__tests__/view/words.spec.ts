import { nullTranslator } from '@jupyterlab/translation';

import { ComputeError, OfflineError } from '../../api/errors';
import type { Job, JobState } from '../../api/types';
import { aJob } from '../../testing/builders';
import { changes, problem, sentence, since, stateWord, toneOf } from '../../view/words';

const trans = nullTranslator.load('test');
const said = (job: Partial<Job>, cluster = 'slurm') => {
  const { word, rest } = sentence(aJob(job), trans, cluster);
  return word + rest;
};
const ran = { started_at: '2026-03-01T09:00:00Z', ended_at: '2026-03-01T09:01:12Z' };

describe('sentence', () => {
  it.each<[string, Partial<Job>]>([
    ['Sending · This machine', { state: 'submitting' }],
    ['Waiting · This machine', { state: 'queued' }],
    [
      'Waiting: The ram256g nodes are busy',
      { state: 'queued', reason: { code: 'resources', text: 'The ram256g nodes are busy.' } }
    ],
    [
      'On hold: Held by you',
      { state: 'held', reason: { code: 'held_by_user', text: 'Held by you.' } }
    ],
    ['Running on This machine', { state: 'running' }],
    [
      'Running on n3 · cell 7 of 23',
      { state: 'running', node: 'n3', progress: { done: 6, total: 23, current: 'c' } }
    ],
    [
      'Running on n3 · 23 of 23 cells done',
      { state: 'running', node: 'n3', progress: { done: 23, total: 23, current: null } }
    ],
    [
      'Done in 1:12 · 1.1 GiB used · This machine',
      { state: 'succeeded', ...ran, usage: { peak_memory_mb: 1126 } }
    ],
    [
      'Out of memory: It used more than the 2 GiB that it asked for',
      {
        state: 'failed',
        reason: { code: 'out_of_memory', text: 'It used more than the 2 GiB that it asked for.' }
      }
    ],
    [
      'Failed: NameError: df',
      { state: 'failed', reason: { code: 'new_word', text: 'NameError: df' } }
    ],
    [
      'Cancelled by you after 1:12',
      {
        state: 'cancelled',
        ...ran,
        reason: { code: 'cancelled_by_user', text: 'Cancelled by you.' }
      }
    ],
    ['Cancelled', { state: 'cancelled' }],
    ['Lost: No trace', { state: 'unknown', reason: { code: 'lost', text: 'No trace.' } }],
    ['Unknown: WARP', { state: 'unknown', reason: { code: 'strange', text: 'WARP' } }]
  ])('%s', (text, job) => expect(said(job)).toBe(text));

  it('says that a state is old, and which it was', () => {
    const stale_since = new Date(2026, 2, 1, 9, 40).toISOString();
    expect(said({ state: 'running', stale_since }, 'slurm-b')).toBe(
      'No word from slurm-b since 09:40 · was running'
    );
  });

  it('does not call an end old', () => {
    expect(said({ state: 'succeeded', stale_since: '2026-03-01T09:40:00Z' })).toMatch(/^Done/);
  });
});

describe('stateWord', () => {
  it('says that a cancel is on its way, until it has happened', () => {
    const cancel_requested_at = '2026-03-01T09:40:00Z';
    expect(stateWord(aJob({ state: 'running', cancel_requested_at }), trans)).toBe('Cancelling');
    expect(stateWord(aJob({ state: 'failed', cancel_requested_at }), trans)).toBe('Failed');
  });

  it('has a word for every state', () => {
    const states: JobState[] = [
      'submitting',
      'queued',
      'held',
      'running',
      'completing',
      'succeeded',
      'failed',
      'cancelled',
      'unknown'
    ];
    const words = states.map(state => stateWord(aJob({ state }), trans));
    expect(new Set(words).size).toBe(states.length);
  });
});

describe('since', () => {
  const now = Date.parse('2026-03-01T09:10:00Z');

  it('counts while the job is active', () => {
    const job = aJob({ state: 'running', started_at: '2026-03-01T09:09:18Z' });
    expect(since(job, now, trans)).toBe('0:42');
  });

  it('stands still when nobody knows', () => {
    const started_at = '2026-03-01T09:09:18Z';
    const job = aJob({ state: 'running', started_at, stale_since: started_at });
    expect(since(job, now, trans)).not.toBe('0:42');
  });
});

describe('toneOf', () => {
  it('is quiet for what is old or unknown', () => {
    expect(toneOf(aJob({ state: 'running' }))).toBe('running');
    expect(toneOf(aJob({ state: 'running', stale_since: '2026-03-01T09:40:00Z' }))).toBe('quiet');
    expect(toneOf(aJob({ state: 'unknown' }))).toBe('quiet');
  });
});

describe('changes', () => {
  it('says in units of people what the scheduler gave instead', () => {
    const changed_by_site = {
      memory_mb: { asked: 4096, got: 2048 },
      walltime_s: { asked: 5400, got: 3600 },
      queue: { asked: 'short', got: 'long' }
    };
    expect(changes(aJob({ changed_by_site }), trans)).toEqual([
      'Memory: 2 GiB instead of 4 GiB, changed by the scheduler.',
      'Time limit: 1 h instead of 1 h 30 min, changed by the scheduler.',
      'Queue: long instead of short, changed by the scheduler.'
    ]);
    expect(changes(aJob(), trans)).toEqual([]);
  });
});

describe('problem', () => {
  const german = { ...trans, __: (text: string) => `[${text}]` };

  it('translates our own words and leaves those of the server', () => {
    expect(problem(new OfflineError(null), german as typeof trans)).toBe(
      '[The server does not answer.]'
    );
    const refused = new ComputeError('sbatch: no', { code: 'refused' });
    expect(problem(refused, german as typeof trans)).toBe('sbatch: no');
  });
});
