import { nullTranslator } from '@jupyterlab/translation';
import React from 'react';

import type { Job, UsageOverTime } from '../../../api/types';
import { aJob } from '../../../testing/builders';
import type { Drawn } from '../../../testing/react';
import { draw } from '../../../testing/react';
import { ResourcesView } from '../../../view/job/resources';
import { advice, seriesOf } from '../../../view/job/usage';

const trans = nullTranslator.load('test');
const START = '2026-03-01T09:00:00Z';

function overTime(change: Partial<UsageOverTime> = {}): UsageOverTime {
  return {
    attempt: 1,
    asked: { memory_mb: 16_384, cores: 4 },
    samples: [
      { at: '2026-03-01T09:00:10Z', cpu_s: 5, memory_mb: 400 },
      { at: '2026-03-01T09:00:20Z', cpu_s: 35, memory_mb: 1126 },
      { at: '2026-03-01T09:01:00Z', cpu_s: 35, memory_mb: 900 }
    ],
    ended: true,
    ...change
  };
}

function done(change: Partial<Job> = {}): Job {
  return aJob({
    state: 'succeeded',
    started_at: START,
    ended_at: '2026-03-01T09:10:00Z',
    resources: { cores: 4, memory_mb: 16_384, walltime_s: 43_200 },
    usage: { peak_memory_mb: 1126, cpu_s: 540 },
    ...change
  });
}

describe('what a job used', () => {
  it('is drawn as amounts over time: memory as it was, processors as how many were busy', () => {
    const [memory, cores] = seriesOf(overTime(), START, trans);
    expect(memory.points).toEqual([
      [10, 400],
      [20, 1126],
      [60, 900]
    ]);
    expect(cores.points).toEqual([
      [10, 0.5],
      [20, 3],
      [60, 0]
    ]);
    expect([memory.asked, cores.asked]).toEqual([16_384, 4]);
    expect([memory.top, cores.top]).toEqual([16_384, 4]);
  });

  it('has GPUs where somebody says how busy they are', () => {
    const gpu = [
      { busy: 0.5, memory_mb: 10 },
      { busy: 1, memory_mb: null },
      { busy: null, memory_mb: null }
    ];
    const samples = [{ at: '2026-03-01T09:00:10Z', cpu_s: 0, memory_mb: 1, gpu }];
    const all = seriesOf(overTime({ samples }), START, trans);
    expect(all[2].points).toEqual([[10, 0.75]]);
    expect(all[2].tell(0.75)).toBe('75 %');
  });

  it('comes with what to ask for next time', () => {
    expect(advice(done(), overTime(), trans)).toEqual([
      'Memory: 16 GiB asked for, 1.1 GiB used at most: ask for 2 GiB next time.',
      'Time: 12 h asked for, 10:00 needed: with 15 min it may start sooner next time.',
      'Cores: 4 asked for, 0.9 busy on average: ask for 2 next time, unless it is a matter of moments.'
    ]);
  });

  it.each<[string, Partial<Job>, string]>([
    [
      'nearly all was used',
      { usage: { peak_memory_mb: 15_900, cpu_s: null } },
      'Memory: 16 GiB asked for, 15.5 GiB used at most: ask for more next time.'
    ],
    [
      'it still runs',
      { state: 'running', ended_at: null },
      'Memory: 16 GiB asked for, 1.1 GiB used at most.'
    ],
    ['nothing was asked for', { resources: {} }, 'Memory: 1.1 GiB used at most.']
  ])('says of memory where %s', (_, change, sentence) => {
    expect(advice(done(change), null, trans)[0]).toBe(sentence);
  });

  it('does not say that a shorter time would do of what did not come to its end', () => {
    const words = advice(done({ state: 'failed' }), null, trans).join(' ');
    expect(words).not.toContain('Time:');
  });
});

describe('the view of it', () => {
  let drawn: Drawn;
  afterEach(() => drawn.remove());

  it('says in words what each plot shows', () => {
    drawn = draw(<ResourcesView job={done()} over={overTime()} />);
    const words = [...drawn.node.querySelectorAll('svg')].map(svg =>
      svg.getAttribute('aria-label')
    );
    expect(words).toEqual([
      'Memory over 1:00: at most 1.1 GiB, 900 MiB at the end. Asked for: 16 GiB.',
      'Busy cores over 1:00: at most 3, 0 at the end. Asked for: 4.'
    ]);
    const [line] = drawn.node.querySelectorAll('polyline');
    const points = line.getAttribute('points')?.split(' ') ?? [];
    expect(points).toHaveLength(3);
    expect(points[2]).toMatch(/^1000,/);
  });

  it('says so where nothing is known', () => {
    const job = done({ usage: null });
    drawn = draw(<ResourcesView job={job} over={overTime({ samples: [] })} />);
    expect(drawn.node.textContent).toContain('How it went over time is not known.');
    drawn.redraw(<ResourcesView job={aJob()} over={overTime({ samples: [], ended: false })} />);
    expect(drawn.node.textContent).toContain('It has not started yet.');
  });
});
