import React, { act } from 'react';

import { ComputeError } from '../../../api/errors';
import type { Schedule } from '../../../api/types';
import { aJob, anId, aSchedule } from '../../../testing/builders';
import type { Drawn } from '../../../testing/react';
import { click, draw } from '../../../testing/react';
import type { ISchedulesProps } from '../../../view/schedules/Schedules';
import { Schedules } from '../../../view/schedules/Schedules';

describe('the recurring runs', () => {
  let drawn: Drawn;
  const said: string[] = [];
  const say = (what: string) => (id: string) => void said.push(`${what} ${id}`);
  const history = jest.fn();
  const events: ISchedulesProps['events'] = {
    onRun: say('run'),
    onPause: say('pause'),
    onResume: say('resume'),
    onEdit: say('edit'),
    onDelete: say('delete'),
    onOpenJob: say('job'),
    onOpenResult: say('result'),
    onOpenNotebook: say('notebook'),
    onRefresh: () => void said.push('refresh'),
    history
  };
  const page = (schedules: Schedule[], error: ComputeError | null = null, loaded = true) => (
    <Schedules
      snapshot={{ schedules, loaded, error }}
      clusters={[]}
      events={events}
      titleOf={name => (name === 'local' ? 'This machine' : name)}
    />
  );
  const show = (...all: Parameters<typeof page>) => {
    drawn = draw(page(...all));
    return drawn.node.textContent;
  };

  beforeEach(() => {
    said.length = 0;
    history.mockReset().mockResolvedValue([]);
    jest.useFakeTimers({ now: new Date('2026-03-01T12:00:00Z'), doNotFake: ['queueMicrotask'] });
  });

  afterEach(() => {
    drawn.remove();
    jest.useRealTimers();
  });

  it('says how to make the first one', () => {
    expect(show([])).toContain('Run on a schedule…');
  });

  it('says what keeps it from being seen, and offers to try again', () => {
    const gone = new ComputeError('The server is away.', { code: 'offline' });
    show([], gone, false);
    click(drawn.button('Try again'));
    expect(said).toEqual(['refresh']);
  });

  it('says when, where, the next run and the last one', () => {
    const last = { job: anId('run'), due_at: '2026-03-01T06:00:00Z', state: 'failed' as const };
    const text = show([aSchedule({ name: 'Report', last, timezone: 'Asia/Tokyo' })]);
    expect(text).toContain('Every day at 07:00 (Asia/Tokyo)');
    expect(text).toContain('This machine');
    expect(text).toMatch(/Next run: tomorrow at \d\d:00/);
    expect(text).toMatch(/Last run, today at \d\d:00: failed/);
    click(drawn.button('Open it'));
    expect(said).toEqual([`job ${last.job}`]);
  });

  it('offers what can be done now, by a name that says to which', () => {
    show([aSchedule({ name: 'Report' })]);
    for (const label of ['Run Report now', 'Pause Report', 'Edit Report…', 'Delete Report…']) {
      click(drawn.button(label));
    }
    const id = anId('schedule');
    expect(said).toEqual([`run ${id}`, `pause ${id}`, `edit ${id}`, `delete ${id}`]);
  });

  it('keeps the focus in the page when the one that had it is deleted', () => {
    const [one, other] = [
      aSchedule({ name: 'Report' }),
      aSchedule({ id: anId('b'), name: 'Other' })
    ];
    show([one, other]);
    act(() => drawn.button('Delete Report…').focus());
    drawn.redraw(page([other]));
    expect(document.activeElement).toBe(drawn.node.querySelector('section'));
  });

  it('is resumed when it is paused, and promises no next run', () => {
    const text = show([aSchedule({ name: 'Report', paused: true, next_at: null })]);
    expect(text).toContain('Paused');
    expect(text).not.toContain('Next run');
    click(drawn.button('Resume Report'));
    expect(said).toEqual([`resume ${anId('schedule')}`]);
  });

  it('tells runs that were missed since the last one, and those before only among its runs', () => {
    const missed = {
      count: 4,
      times: [
        { due_at: '2026-02-27T06:00:00Z', why: 'no_server' as const },
        { due_at: '2026-02-28T06:00:00Z', why: 'still_running' as const },
        { due_at: '2026-03-01T06:00:00Z', why: 'no_server' as const }
      ]
    };
    const last = { job: anId('run'), due_at: '2026-02-27T12:00:00Z', state: 'succeeded' as const };
    const text = show([aSchedule({ missed, last })]);
    expect(text).toContain('1 run was missed: no Jupyter server was running.');
    expect(text).toContain('1 run was left out: the one before had not ended.');
  });

  it('knows the number of a long absence, of which it keeps a few times', () => {
    const times = [{ due_at: '2026-03-01T06:00:00Z', why: 'no_server' as const }];
    expect(show([aSchedule({ missed: { count: 731, times } })])).toContain('731 runs were missed');
  });

  it('says why it paused itself', () => {
    const text = 'The notebook analysis.ipynb cannot be read: it is not there.';
    const problem = { code: 'invalid', text, due_at: '2026-03-01T06:00:00Z', times: 3 };
    const words = show([aSchedule({ problem, paused: true, next_at: null })]);
    expect(words).toContain('3 runs in a row could not be sent, so it paused itself.');
    expect(words).toContain(text);
  });

  it('leaves alone what another server sends, and says so', () => {
    const by = { kind: 'bridge' as const, here: false, text: 'It was made elsewhere.' };
    expect(show([aSchedule({ name: 'Report', by })])).toContain('It was made elsewhere.');
    expect(drawn.button('Run Report now').disabled).toBe(true);
    expect(drawn.button('Pause Report').disabled).toBe(false);
  });

  it('shows its runs and the missed ones among them, newest first', async () => {
    const missed = {
      count: 1,
      times: [{ due_at: '2026-02-28T06:00:00Z', why: 'no_server' as const }]
    };
    const run = (id: string, change: object) =>
      aJob({ id: anId(id), state: 'succeeded', ended_at: '2026-03-01T07:00:00Z', ...change });
    history.mockResolvedValue([
      run('b', { due_at: '2026-03-01T06:00:00Z', landed: 'runs/analysis.ipynb' }),
      run('a', { due_at: null, created_at: '2026-02-27T08:00:00Z' })
    ]);
    show([aSchedule({ missed })]);
    click(drawn.button('Show its runs'));
    await act(async () => {
      await Promise.resolve();
    });
    const entries = [...drawn.node.querySelectorAll('.jp-Compute-runs > li')];
    expect(entries.map(({ textContent }) => textContent)).toEqual([
      expect.stringContaining('Done'),
      expect.stringContaining('Missed: no Jupyter server was running'),
      expect.stringContaining('asked for by hand')
    ]);
    click(drawn.button('Open result'));
    expect(said).toEqual([`result ${anId('b')}`]);
  });

  it('says why its runs cannot be shown', async () => {
    const gone = new ComputeError('The disk is away.', { code: 'x' });
    history.mockRejectedValue(gone);
    show([aSchedule()]);
    click(drawn.button('Show its runs'));
    await act(async () => {
      await Promise.resolve();
    });
    expect(drawn.node.querySelector('[role="alert"]')?.textContent).toBe('The disk is away.');
  });
});
