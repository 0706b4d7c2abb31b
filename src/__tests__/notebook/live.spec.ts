import type { IOutput } from '@jupyterlab/nbformat';

import type { OutputEvent } from '../../api/types';
import { LiveOutputs } from '../../notebook/live';

const AT = '2026-03-01T09:00:00Z';
const PNG = { 'image/png': 'aGk=' };

function started(): OutputEvent {
  return { event: 'cell_started', cell: 'a', at: AT, index: 0, role: 'selected' };
}

function ended(change: Partial<OutputEvent> = {}): OutputEvent {
  return {
    event: 'cell_ended',
    cell: 'a',
    at: AT,
    status: 'ok',
    execution_count: 1,
    duration_s: 2,
    ...change
  };
}

function output(value: object, display_id?: string): OutputEvent {
  return {
    event: 'output',
    cell: 'a',
    at: AT,
    output: value,
    ...(display_id && { display_id })
  } as OutputEvent;
}

function text(value: unknown, name = 'stdout'): OutputEvent {
  return output({ output_type: 'stream', name, text: value });
}

function display(data: object, display_id?: string): OutputEvent {
  return output({ output_type: 'display_data', data, metadata: {} }, display_id);
}

function update(display_id: string, data: object): OutputEvent {
  return {
    event: 'update_display',
    cell: 'b',
    at: AT,
    display_id,
    data,
    metadata: {}
  } as OutputEvent;
}

function clear(wait: boolean): OutputEvent {
  return { event: 'clear_output', cell: 'a', at: AT, wait };
}

function stream(value: string, name = 'stdout'): IOutput {
  return { output_type: 'stream', name, text: value };
}

function shown(data: object): IOutput {
  return { output_type: 'display_data', data: data as never, metadata: {} };
}

describe('LiveOutputs', () => {
  let live: LiveOutputs;

  beforeEach(() => {
    jest.useFakeTimers();
    live = new LiveOutputs(chars => `… ${chars} before`);
  });

  afterEach(() => {
    live.dispose();
    jest.useRealTimers();
  });

  const table: [string, OutputEvent[], IOutput[]][] = [
    ['nothing', [started(), ended()], []],
    ['a text', [text('a\n')], [stream('a\n')]],
    ['pieces of a text as one', [text('a'), text('b\n'), text('c')], [stream('ab\nc')]],
    ['a text that came as lines', [text(['a\n', 'b\n'])], [stream('a\nb\n')]],
    [
      'stdout and stderr apart',
      [text('a'), text('b', 'stderr'), text('c')],
      [stream('a'), stream('b', 'stderr'), stream('c')]
    ],
    [
      'a progress bar as its last line',
      [text('10%\r'), text('20%\r'), text('30%')],
      [stream('30%')]
    ],
    [
      'what a bar overwrites in part',
      [text('a\nlong line\rlong'), text('\rL')],
      [stream('a\nLong line')]
    ],
    [
      'a display between texts',
      [text('a'), display(PNG), text('b')],
      [stream('a'), shown(PNG), stream('b')]
    ],
    [
      'metadata where there was none',
      [output({ output_type: 'display_data', data: PNG })],
      [shown(PNG)]
    ],
    [
      'an error',
      [output({ output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] })],
      [{ output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] }]
    ],
    [
      'a result with its count',
      [
        output({
          output_type: 'execute_result',
          data: { 'text/plain': '1' },
          metadata: {},
          execution_count: 3
        })
      ],
      [
        {
          output_type: 'execute_result',
          data: { 'text/plain': '1' },
          metadata: {},
          execution_count: 3
        }
      ]
    ],
    [
      'an update of a display by any cell',
      [display({ 'text/plain': 'a' }, 'd'), update('d', PNG)],
      [shown(PNG)]
    ],
    [
      'an update of every place of a display',
      [
        display({ 'text/plain': 'a' }, 'd'),
        text('x'),
        display({ 'text/plain': 'a' }, 'd'),
        update('d', PNG)
      ],
      [shown(PNG), stream('x'), shown(PNG)]
    ],
    [
      'no update of a display it does not have',
      [display({ 'text/plain': 'a' }, 'd'), update('e', PNG)],
      [shown({ 'text/plain': 'a' })]
    ],
    ['nothing after a clear', [text('a'), clear(false)], []],
    ['what came after a clear', [text('a'), clear(false), text('b')], [stream('b')]],
    ['the old until the next after a waiting clear', [text('a'), clear(true)], [stream('a')]],
    ['the next after a waiting clear', [text('a'), clear(true), text('b')], [stream('b')]],
    [
      'another text after a waiting clear',
      [text('a'), clear(true), text('b'), text('c')],
      [stream('bc')]
    ],
    [
      'no update of what was cleared',
      [
        display({ 'text/plain': 'a' }, 'd'),
        clear(false),
        display({ 'text/plain': 'b' }),
        update('d', PNG)
      ],
      [shown({ 'text/plain': 'b' })]
    ],
    [
      'a display after a waiting clear under its new place',
      [
        text('x'),
        display({ 'text/plain': 'a' }, 'd'),
        clear(true),
        display({ 'text/plain': 'b' }, 'd'),
        update('d', PNG)
      ],
      [shown(PNG)]
    ]
  ];

  it.each(table)('comes to %s', (_, events, outputs) => {
    events.forEach(event => live.apply(event));
    live.flush();
    expect(live.toJSON()).toEqual(outputs);
    expect(live.model.toJSON()).toEqual(outputs);
  });

  it.each(table)('comes to %s also when drawn after each event', (_, events, outputs) => {
    for (const event of events) {
      live.apply(event);
      live.flush();
    }
    expect(live.toJSON()).toEqual(outputs);
    expect(live.model.toJSON()).toEqual(outputs);
  });

  it('draws many pieces at once, 100 ms after the first', () => {
    const drawn = jest.fn();
    live.model.changed.connect(drawn);
    live.model.stateChanged.connect(drawn);
    for (let at = 0; at < 100; at++) {
      live.apply(text(`${at}\n`));
    }
    jest.advanceTimersByTime(99);
    expect(drawn).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(drawn).toHaveBeenCalledTimes(1);
  });

  it('draws long texts less often', () => {
    live.apply(text('x'.repeat(100_001)));
    jest.advanceTimersByTime(100);
    live.apply(text('y'));
    jest.advanceTimersByTime(399);
    expect(String(live.model.get(0).toJSON().text)).not.toContain('y');
    jest.advanceTimersByTime(1);
    expect(String(live.model.get(0).toJSON().text)).toContain('y');
  });

  it('draws the rest when the cell ends', () => {
    live.apply(text('a'));
    live.apply(ended());
    expect(live.model.length).toBe(1);
    expect(live.hasNews).toBe(true);
  });

  it('keeps everything for the notebook and shows the end', () => {
    const line = `${'x'.repeat(99)}\n`;
    live.apply(display(PNG));
    for (let at = 0; at < 10_000; at++) {
      live.apply(text(line));
      if (at % 500 === 0) {
        live.flush();
      }
    }
    live.apply(text('the end\n'));
    live.flush();
    const [, kept] = live.toJSON();
    expect(String(kept.text)).toHaveLength(1_000_008);
    const view = String(live.model.get(1).toJSON().text);
    expect(view.length).toBeLessThan(310_000);
    expect(view.endsWith('the end\n')).toBe(true);
    const [note, ...rest] = view.split('\n');
    expect(Number(note.replace(/\D/g, '')) + rest.join('\n').length).toBe(1_000_008);
    live.apply(text('and more\n'));
    live.flush();
    expect(String(live.model.get(1).toJSON().text).endsWith('the end\nand more\n')).toBe(true);
  });

  it('cuts one piece that is too long', () => {
    live.apply(text('x'.repeat(1_000_000)));
    live.flush();
    expect(String(live.model.get(0).toJSON().text).length).toBeLessThan(201_000);
  });

  it('does not cut away what stands above a long progress bar', () => {
    live.apply(text('first\n'));
    for (let at = 0; at < 10_000; at++) {
      live.apply(text(`\r${String(at).padEnd(100, '.')}`));
    }
    live.flush();
    expect(String(live.model.get(0).toJSON().text)).toBe(`first\n${'9999'.padEnd(100, '.')}`);
  });

  it('has news from the first output on, also while it is cleared', () => {
    live.apply(started());
    live.flush();
    expect(live.hasNews).toBe(false);
    live.apply(text('a'));
    live.flush();
    live.apply(clear(false));
    live.flush();
    expect(live.hasNews).toBe(true);
  });

  it('starts anew with another attempt', () => {
    live.apply(text('a'));
    live.apply(ended());
    live.reset();
    expect(live.model.length).toBe(0);
    expect(live.hasNews).toBe(false);
    expect(live.cell.status).toBe('waiting');
  });

  it('draws nothing after it was disposed', () => {
    live.apply(text('a'));
    live.dispose();
    expect(() => jest.runAllTimers()).not.toThrow();
  });
});
