import { nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { act } from 'react';

import type { Job, OutputEvent } from '../../../api/types';
import { aJob, anId } from '../../../testing/builders';
import { factsOf, pairs, readRun } from '../../../view/job/compare';
import { ComparisonSection } from '../../../view/job/comparison';
import { event } from '../../notebook/fakejobs';

const trans = nullTranslator.load('test');

/** One page with all of it. */
const reader = (events: OutputEvent[]) => async () => ({
  ...{ attempt: 1, events, next: 1, more: false, ended: true }
});

function image(cell: string, png: string): OutputEvent {
  const output = { output_type: 'display_data', data: { 'image/png': png }, metadata: {} };
  return { event: 'output', cell, at: '2026-03-01T09:00:00Z', output };
}

describe('the facts of two runs', () => {
  it('are what may differ, and name each parameter', () => {
    const here = aJob({ parameters: { depth: 3, name: 'a' }, state: 'failed' });
    const there = aJob({ parameters: { depth: 4 }, state: 'succeeded' });
    const facts = factsOf(here, there, trans);
    const differing = facts.filter(fact => fact.here !== fact.there);
    expect(differing).toEqual([
      { label: 'State', here: 'Failed', there: 'Done' },
      { label: 'Parameter depth', here: '3', there: '4' },
      { label: 'Parameter name', here: '"a"', there: '–' }
    ]);
    expect(facts.map(({ label }) => label)).toContain('Kernel');
    expect(facts.map(({ label }) => label)).not.toContain('Where');
  });
});

describe('what two runs gave', () => {
  const sources = new Map([
    ['a', 'print(1)'],
    ['b', 'plot()']
  ]);

  it('is compared cell by cell: text without colours, images by their sum', async () => {
    const one = [
      event.started('a'),
      event.text('a', '\u001b[31mred\u001b[0m\n'),
      event.ended('a', 'ok', 1),
      event.started('b'),
      image('b', 'AAAA')
    ];
    const other = [
      event.started('a'),
      event.text('a', 'red\n'),
      event.started('b'),
      image('b', 'BBBB')
    ];
    const changed = new Map([...sources, ['b', 'plot(2)']]);
    const [a, b] = pairs(
      await readRun(reader(one), sources),
      await readRun(reader(other), changed)
    );
    expect([a.here?.text, a.there?.text, a.isChanged]).toEqual(['red\n', 'red\n', false]);
    expect(b.isChanged).toBe(true);
    expect(b.here?.text).toMatch(/^\[image\/png 6 · [0-9a-f]{8}\]$/);
    expect(b.there?.text).not.toBe(b.here?.text);
  });

  it('names what only one of them ran', async () => {
    const here = await readRun(reader([event.started('a')]), sources);
    const there = await readRun(reader([event.started('b')]), sources);
    const found = pairs(here, there).map(pair => [
      pair.id,
      Boolean(pair.here),
      Boolean(pair.there)
    ]);
    expect(found).toEqual([
      ['a', true, false],
      ['b', false, true]
    ]);
  });

  it('is read to its end, but not for ever, and the first part of an attempt that was given up is left out', async () => {
    let asked = 0;
    const endless = async (from: number) => {
      asked++;
      const attempt = asked === 1 ? 1 : 2;
      const events = [event.text('a', `${attempt}\n`)];
      return { attempt, events, next: from + 1, more: true, ended: false };
    };
    const run = await readRun(endless, sources);
    expect(run.isAll).toBe(false);
    expect(asked).toBeLessThan(20);
    expect(run.cells.get('a')?.text).toMatch(/^(2\n)+$/);
  });
});

describe('ComparisonSection', () => {
  const job = aJob({ id: anId('here'), created_at: '2026-03-02T09:00:00Z', state: 'succeeded' });
  const older = aJob({ id: anId('older'), created_at: '2026-03-01T09:00:00Z', state: 'failed' });
  const newer = aJob({ id: anId('newer'), created_at: '2026-03-03T09:00:00Z', state: 'succeeded' });
  let section: ComparisonSection;
  let runs: Job[];
  let events: Record<string, OutputEvent[]>;
  const outputs = jest.fn();

  const read = async () => {
    await act(() => section.read());
    await act(async () => MessageLoop.flush());
  };
  const text = () => section.node.textContent;

  beforeEach(() => {
    runs = [newer, job, older];
    events = {
      [job.id]: [event.started('a'), event.text('a', 'same\nmine\n')],
      [older.id]: [event.started('a'), event.text('a', 'same\nold\n')],
      [newer.id]: [event.started('a'), event.text('a', 'same\nmine\n')]
    };
    outputs.mockReset().mockImplementation((id: string) => reader(events[id])());
    section = new ComparisonSection({
      trans,
      job: () => job,
      runs: async () => runs,
      outputs,
      sources: async () => new Map([['a', '<b>code</b>']])
    });
    act(() => Widget.attach(section, document.body));
  });

  afterEach(() => act(() => section.dispose()));

  it('begins with the run before it, and marks the lines that only one has', async () => {
    await read();
    const sides = [...section.node.querySelectorAll('.jp-Compute-sides pre')];
    expect(sides.map(side => side.textContent)).toEqual(['same\nmine\n', 'same\nold\n']);
    const only = sides.map(side => side.querySelector('[data-only]')?.textContent);
    expect(only).toEqual(['mine\n', 'old\n']);
    expect(text()).toContain('<b>code</b>');
  });

  it('compares with the one that is chosen', async () => {
    await read();
    const select = section.node.querySelector('select') as HTMLSelectElement;
    act(() => {
      select.value = newer.id;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await read();
    await read();
    expect(text()).toContain('same output');
    expect(section.node.querySelector('.jp-Compute-sides')).toBeNull();
  });

  it('reads outputs that cannot change any more once', async () => {
    await read();
    await read();
    expect(outputs).toHaveBeenCalledTimes(2);
  });

  it('says so where there is no other run', async () => {
    runs = [job];
    await read();
    expect(text()).toBe('There is no other run of this notebook.');
    expect(outputs).not.toHaveBeenCalled();
  });
});
