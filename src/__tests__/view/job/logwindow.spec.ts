import type { LogChunk } from '../../../api/types';
import { LogWindow } from '../../../view/job/logwindow';

const MIB = 1024 * 1024;

/** A log in memory, given out as the server does: by bytes, whatever letters they belong to. */
class Log {
  bytes = new Uint8Array(0);
  readonly asked: [offset: number, limit: number][] = [];

  add(text: string | Uint8Array): this {
    const more = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    const all = new Uint8Array(this.bytes.length + more.length);
    all.set(this.bytes);
    all.set(more, this.bytes.length);
    this.bytes = all;
    return this;
  }

  readonly read = async (offset: number, limit: number): Promise<LogChunk> => {
    this.asked.push([offset, limit]);
    const size = this.bytes.length;
    const start = offset < 0 ? Math.max(0, size + offset) : Math.min(offset, size);
    const piece = this.bytes.slice(start, start + limit);
    const text = new TextDecoder().decode(piece);
    return { text, next: start + piece.length, size };
  };
}

/** A log of a given length that is nowhere: what is asked for is made up. */
function huge(size: number) {
  const line = (number: number) => `line ${String(number).padStart(10, '0')} is like all others\n`;
  const length = line(0).length;
  const asked: number[] = [];
  const read = async (offset: number, limit: number): Promise<LogChunk> => {
    const start = offset < 0 ? size + offset : offset;
    const end = Math.min(start + limit, size);
    const first = Math.floor(start / length);
    let text = '';
    for (let number = first; number * length < end; number++) {
      text += line(number);
    }
    asked.push(end - start);
    return { text: text.slice(start - first * length, end - first * length), next: end, size };
  };
  return { read, asked };
}

const textOf = (window: LogWindow) => window.pieces.map(({ text }) => text).join('');
const isWhole = (window: LogWindow) =>
  window.pieces.every(({ end }, index, all) => end === (all[index + 1]?.start ?? end));

describe('what is held of a log', () => {
  it('is its end, from the beginning of a line, and then what comes', async () => {
    const log = new Log().add(`${'x'.repeat(99)}\n`.repeat(5000));
    const window = new LogWindow(log.read);
    await window.toEnd();
    expect(textOf(window)).toMatch(/^(x{99}\n)+$/);
    expect(window.start).toBe(500_000 - textOf(window).length);
    log.add('more\n');
    await window.newer();
    expect(textOf(window)).toMatch(/x\nmore\n$/);
    expect(window.isAtEnd).toBe(true);
  });

  it('loses nothing and shows nothing twice on the way back to the beginning', async () => {
    const lines = Array.from({ length: 30_000 }, (_, number) => `${number} äöü – “ß”\n`);
    const log = new Log().add(lines.join(''));
    const window = new LogWindow(log.read);
    await window.toEnd();
    while (window.start > 0) {
      await window.older();
    }
    expect(textOf(window)).toBe(lines.join(''));
    expect(isWhole(window)).toBe(true);
  });

  it('stays small in a log of 1 GB, wherever one goes', async () => {
    const { read, asked } = huge(1e9);
    const window = new LogWindow(read);
    await window.toEnd();
    for (let times = 0; times < 40; times++) {
      await window.older();
      expect(textOf(window).length).toBeLessThanOrEqual(2 * MIB + 300_000);
    }
    expect(window.isAtEnd).toBe(false);
    expect(isWhole(window)).toBe(true);
    const far = window.start;
    for (let times = 0; times < 4; times++) {
      await window.newer();
    }
    expect(window.start).toBeGreaterThan(far);
    expect(isWhole(window)).toBe(true);
    expect(textOf(window)).toMatch(/^(line \d{10} is like all others\n)+/);
    expect(Math.max(...asked)).toBeLessThanOrEqual(256 * 1024);
  });

  it('waits for the rest of a letter', async () => {
    const euro = new TextEncoder().encode('€');
    const log = new Log().add('one ').add(euro.slice(0, 2));
    const window = new LogWindow(log.read);
    await window.toEnd();
    await window.newer();
    log.add(euro.slice(2)).add('\n');
    await window.newer();
    await window.newer();
    expect(textOf(window)).toBe('one €\n');
  });

  it('comes to the end of what is no text at all', async () => {
    const log = new Log().add('one\n').add(new Uint8Array(50).fill(0xff));
    const window = new LogWindow(log.read);
    await window.toEnd();
    log.add(new Uint8Array(50).fill(0xfe));
    await window.newer();
    expect(window.isAtEnd).toBe(true);
    expect(textOf(window)).toBe(`one\n${'\uFFFD'.repeat(100)}`);
  });

  it('begins anew where another file took its place', async () => {
    const log = new Log().add('of the first attempt\n');
    const window = new LogWindow(log.read);
    await window.toEnd();
    log.bytes = new Uint8Array(0);
    log.add('second\n');
    await window.newer();
    expect(textOf(window)).toBe('second\n');
  });

  it('goes one step at a time, however it is asked', async () => {
    const log = new Log().add(`${'y'.repeat(99)}\n`.repeat(9000));
    const window = new LogWindow(log.read);
    await window.toEnd();
    log.add('z\n');
    await Promise.all([window.older(), window.newer(), window.older(), window.newer()]);
    expect(isWhole(window)).toBe(true);
    expect(textOf(window)).toMatch(/^(y{99}\n)+z\n$/);
  });

  it('survives a failed reading', async () => {
    const log = new Log().add('one\n');
    let fails = true;
    const window = new LogWindow((offset, limit) =>
      fails ? Promise.reject(new Error('away')) : log.read(offset, limit)
    );
    await expect(window.toEnd()).rejects.toThrow('away');
    fails = false;
    await window.toEnd();
    expect(textOf(window)).toBe('one\n');
  });
});
