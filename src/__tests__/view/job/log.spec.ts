import { RenderMimeRegistry } from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { act } from 'react';

import type { LogChunk, LogStream } from '../../../api/types';
import { click, press, type } from '../../../testing/react';
import { LogSection } from '../../../view/job/log';

describe('LogSection', () => {
  let log: string;
  let asked: [LogStream, number][];
  let section: LogSection;

  const read = async (stream: LogStream, offset: number, limit: number): Promise<LogChunk> => {
    asked.push([stream, offset]);
    const text = stream === 'stdout' ? log : '';
    const start = offset < 0 ? Math.max(0, text.length + offset) : offset;
    const piece = text.slice(start, start + limit);
    return { text: piece, next: start + piece.length, size: text.length };
  };
  const area = () => section.node.querySelector('.jp-Compute-logText') as HTMLElement;
  const shown = () => area().textContent;
  const update = () => act(async () => MessageLoop.flush());
  const reading = () => act(() => section.read());
  const button = (label: string) =>
    [...section.node.querySelectorAll('button')].find(
      each => (each.getAttribute('aria-label') ?? each.textContent) === label
    ) as HTMLButtonElement;
  const choose = (label: string) => click(button(label));

  /** As a browser that lays out would have it, and tells when one scrolls. */
  const scrollTo = (top: number, height = 10_000) => {
    Object.defineProperties(area(), {
      scrollHeight: { value: height, configurable: true },
      clientHeight: { value: 500, configurable: true }
    });
    area().scrollTop = top;
    area().dispatchEvent(new Event('scroll'));
  };

  beforeAll(() => {
    // The tests' set-up of JupyterLab has put one without any ability in its place.
    const real = Document.prototype.createRange.call(document).constructor;
    Object.defineProperty(globalThis, 'Range', { value: real, configurable: true });
  });

  beforeEach(async () => {
    log = '';
    asked = [];
    const trans = nullTranslator.load('test');
    const rendermime = new RenderMimeRegistry();
    section = new LogSection({ trans, rendermime, read, urlOf: stream => `files/${stream}.log` });
    act(() => Widget.attach(section, document.body));
    await update();
  });

  afterEach(() => act(() => section.dispose()));

  it('goes on where it stopped', async () => {
    log = 'one\n';
    await reading();
    log += 'two\n';
    await reading();
    expect(shown()).toBe('one\ntwo\n');
    expect(asked.map(([, offset]) => offset)).toEqual([-262144, 4]);
  });

  it('never reads twice at a time, so that nothing is shown twice', async () => {
    log = 'one\n';
    await act(() => Promise.all([section.read(), section.read()]));
    expect(shown()).toBe('one\n');
  });

  it('shows what a progress bar looks like now', async () => {
    log = 'start\n10%\r20%\r';
    await reading();
    log += '30%\nend\r\n';
    await reading();
    expect(shown()).toBe('start\n30%\nend\n');
  });

  it('shows markup as text and colours as colours', async () => {
    log = '<b>no</b> \u001b[31mred\u001b[0m\n';
    await reading();
    expect(shown()).toBe('<b>no</b> red\n');
    expect(area().querySelector('b')).toBeNull();
    expect(area().querySelector('.ansi-red-fg')?.textContent).toBe('red');
  });

  it('starts anew with another log', async () => {
    log = 'one\n';
    await reading();
    choose('Errors');
    await reading();
    expect(shown()).toBe('');
    expect(asked[asked.length - 1][0]).toBe('stderr');
    expect(section.node.textContent).toContain('Nothing here yet.');
    expect(button('Errors').getAttribute('aria-pressed')).toBe('true');
    expect(section.node.querySelector('a')?.getAttribute('href')).toBe('files/stderr.log');
  });

  it('shows nothing of a log that one has left, nor twice what one came back to', async () => {
    log = `${'x'.repeat(99)}\n`.repeat(1000);
    const first = section.read();
    choose('Errors');
    await act(() => first);
    await reading();
    expect(shown()).toBe('');
    choose('Output');
    const second = section.read();
    choose('Errors');
    choose('Output');
    await act(() => second);
    await reading();
    expect(shown()).toBe(log);
  });

  it('loads the end of a long log, says what is missing, and the rest on demand', async () => {
    log = Array.from({ length: 50_000 }, (_, number) => `line ${number}\n`).join('');
    await reading();
    const more = section.node.querySelector('.jp-Compute-link') as HTMLButtonElement;
    expect(more.hidden).toBe(false);
    expect(more.textContent).toMatch(/^\d+ kB before this are not loaded: load more$/);
    while (!more.hidden) {
      const before = shown();
      click(more);
      while (shown() === before) {
        await update();
      }
    }
    expect(shown()).toBe(log);
  });

  it('follows the end until one scrolls up, and again when one jumps there', async () => {
    log = 'one\n';
    await reading();
    const end = button('Jump to the end');
    scrollTo(9500);
    expect(end.hidden).toBe(true);
    scrollTo(3000);
    expect(end.hidden).toBe(false);
    log += 'two\n';
    await reading();
    expect(area().scrollTop).toBe(3000);
    click(end);
    expect(area().scrollTop).toBe(10_000);
    scrollTo(9500);
    log += 'three\n';
    await reading();
    expect(area().scrollTop).toBe(10_000);
    expect(end.hidden).toBe(true);
  });

  it('finds text across colours, counts, and steps forth and back', async () => {
    log = 'An err\u001b[31mor\u001b[0m\nfine\nERROR again\n';
    await reading();
    const input = section.node.querySelector('input') as HTMLInputElement;
    const status = () => section.node.querySelector('[role="status"]')?.textContent;
    type(input, 'error');
    await update();
    expect(status()).toBe('1 of 2');
    press('Enter', input);
    await update();
    expect(status()).toBe('2 of 2');
    expect(String(document.getSelection())).toBe('ERROR');
    choose('Next');
    await update();
    expect(status()).toBe('1 of 2');
    choose('Previous');
    await update();
    expect(status()).toBe('2 of 2');
    log += 'error three\n';
    await reading();
    await update();
    expect(status()).toBe('2 of 3');
    type(input, 'nowhere');
    await update();
    expect(status()).toBe('Not found');
  });

  it('wraps lines unless one does not want that', async () => {
    expect(button('Wrap lines').getAttribute('aria-pressed')).toBe('true');
    choose('Wrap lines');
    await update();
    expect(area().hasAttribute('data-long-lines')).toBe(true);
    expect(button('Wrap lines').getAttribute('aria-pressed')).toBe('false');
  });
});
