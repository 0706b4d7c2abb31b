import { RenderMimeRegistry, standardRendererFactories } from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';

import type { OutputEvent } from '../../../api/types';
import { OutputsSection } from '../../../view/job/outputs';
import { event } from '../../notebook/fakejobs';

describe('OutputsSection', () => {
  let section: OutputsSection;
  let events: OutputEvent[];
  let attempt: number;
  let ended: boolean;
  let asked: [from: number, attempt: number | undefined][];
  const readSources = jest.fn();

  /** Two events at a time, as a server that has many does. */
  const read = async (from: number, known?: number) => {
    asked.push([from, known]);
    const start = known === undefined || known === attempt ? from : 0;
    const next = Math.min(start + 2, events.length);
    const page = events.slice(start, next);
    return { attempt, events: page, next, more: next < events.length, ended };
  };
  const shown = () => {
    jest.runAllTimers();
    return [...section.node.querySelectorAll('.jp-Compute-cell')].map(cell => ({
      prompt: cell.querySelector('.jp-Compute-prompt')?.textContent,
      code: cell.querySelector('.jp-Compute-code')?.textContent,
      output: cell.querySelector('.jp-OutputArea')?.textContent?.trim()
    }));
  };

  beforeEach(() => {
    jest.useFakeTimers();
    events = [event.started('a'), event.text('a', 'one\n'), event.ended('a', 'ok', 7)];
    attempt = 1;
    ended = false;
    asked = [];
    readSources.mockReset().mockResolvedValue(new Map([['a', 'print("<b>")']]));
    const trans = nullTranslator.load('test');
    const rendermime = new RenderMimeRegistry({ initialFactories: standardRendererFactories });
    section = new OutputsSection({ trans, rendermime, readSources, read });
  });

  afterEach(() => {
    section.dispose();
    jest.useRealTimers();
  });

  it('shows each cell with its source as text, its number and its time', async () => {
    await section.read();
    expect(shown()).toEqual([{ prompt: '[7] 1:12', code: 'print("<b>")', output: 'one' }]);
    expect(section.node.querySelector('b')).toBeNull();
  });

  it('says how much memory had been used by the end of each cell', async () => {
    events = [
      event.started('a'),
      { ...event.ended('a', 'ok', 7), peak_memory_mb: 1126 },
      event.started('b')
    ];
    await section.read();
    expect(shown().map(({ prompt }) => prompt)).toEqual(['[7] 1:12\n1.1 GiB', '[*]']);
  });

  it('goes on where it stopped, and fetches the sources once', async () => {
    await section.read();
    events.push(event.started('b'), event.text('b', 'two\n'));
    await section.read();
    expect(shown().map(({ prompt, output }) => [prompt, output])).toEqual([
      ['[7] 1:12', 'one'],
      ['[*]', 'two']
    ]);
    expect(asked.map(([from]) => from)).toEqual([0, 2, 3]);
    expect(readSources).toHaveBeenCalledTimes(1);
  });

  it('shows nothing of an attempt that was given up', async () => {
    await section.read();
    attempt = 2;
    events = [event.started('a'), event.text('a', 'again\n')];
    await section.read();
    expect(shown().map(({ output }) => output)).toEqual(['again']);
  });

  it('is complete when the job has ended and all was read', async () => {
    expect(await section.read()).toBe(false);
    ended = true;
    expect(await section.read()).toBe(true);
  });

  it('says that nothing has started until something has', async () => {
    const note = () => section.node.querySelector<HTMLElement>('.jp-Compute-none');
    const all = events;
    events = [];
    await section.read();
    expect(note()?.textContent).toBe('No cell has started yet.');
    events = all;
    await section.read();
    expect(note()?.hidden).toBe(true);
  });

  it('takes nothing after it was closed', async () => {
    const reading = section.read();
    section.dispose();
    expect(await reading).toBe(true);
    expect(section.node.querySelector('.jp-Compute-cell')).toBeNull();
  });
});
