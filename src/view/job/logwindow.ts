import type { LogChunk } from '../../api/types';

/** So much is asked for at a time. */
const READ_BYTES = 256 * 1024;
/** A piece of this size is finished: it is not drawn again when more comes. */
const PIECE_BYTES = 16 * 1024;
/** More than this is never held, however long the log is: what is farthest from where one looks is let go. */
const MOST_BYTES = 2 * 1024 * 1024;

/** No letter of UTF-8 is longer. */
const LETTER_BYTES = 4;

/** Lines of a log: the bytes from `start` to `end`. */
export type Piece = Readonly<{ start: number; end: number; text: string }>;

type Read = (offset: number, limit: number) => Promise<LogChunk>;

/**
 * The part of a log that is held here: pieces without a gap, in order, which end with a line where they can.
 *
 * A log of any length costs the same memory. What is held moves to older and newer parts when it is told to.
 */
export class LogWindow {
  constructor(private readonly _read: Read) {}

  /** Replaced when it changes; a piece that stays is the same object. */
  get pieces(): readonly Piece[] {
    return this._pieces;
  }

  /** Where what is held begins. */
  get start(): number {
    return this._pieces[0]?.start ?? this._end;
  }

  /** How long the log is, as far as is known. */
  get size(): number {
    return this._size;
  }

  /** Whether the newest lines are held, but for half a letter perhaps, so that what comes belongs to them. */
  get isAtEnd(): boolean {
    return this._size - this._end < LETTER_BYTES;
  }

  /** Hold the end of the log, and nothing else. */
  toEnd(): Promise<void> {
    return this._inTurn(() => this._toEnd());
  }

  /** Go on where it stopped, by one reading. */
  newer(): Promise<void> {
    return this._inTurn(() => this._newer());
  }

  /** Hold what comes before, too, by one reading. */
  older(): Promise<void> {
    return this._inTurn(() => this._older());
  }

  /** Each reading begins where the one before left what is held. */
  private _inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this._last.then(act);
    this._last = turn.catch(() => undefined);
    return turn;
  }

  private async _toEnd(): Promise<void> {
    const { text, next, size } = await this._read(-READ_BYTES, READ_BYTES);
    const start = Math.max(0, size - READ_BYTES);
    const cut = start > 0 ? text.indexOf('\n') + 1 : 0;
    this._pieces = [];
    this._end = start + bytesOf(text.slice(0, cut));
    this._size = size;
    this._append(text.slice(cut), next);
  }

  private async _newer(): Promise<void> {
    const from = this._end;
    const { text, next, size } = await this._read(from, READ_BYTES);
    if (size < from) {
      // Another file is there now: another attempt, or it was emptied.
      return this._toEnd();
    }
    this._size = size;
    this._append(text, next);
    while (this._end - this.start > MOST_BYTES) {
      this._pieces = this._pieces.slice(1);
    }
  }

  private async _older(): Promise<void> {
    const end = this.start;
    const from = Math.max(0, end - READ_BYTES);
    if (end === 0) {
      return;
    }
    const { text, size } = await this._read(from, end - from);
    this._size = Math.max(size, this._size);
    const cut = from > 0 ? text.indexOf('\n') + 1 : 0;
    // One line that is longer than a reading is torn: there is no better place.
    const start = cut < text.length ? from + bytesOf(text.slice(0, cut)) : from;
    const lines = cut < text.length ? text.slice(cut) : text;
    this._pieces = [...cutUp(lines, start, end), ...this._pieces];
    while (this._end - this.start > MOST_BYTES && this._pieces.length > 1) {
      this._pieces = this._pieces.slice(0, -1);
      this._end = this._pieces[this._pieces.length - 1].end;
    }
  }

  /** Take what begins where this ends. */
  private _append(read: string, next: number): void {
    // A letter may have been written, or read, by half.
    const whole = read.replace(/\uFFFD+$/, '');
    const text = next - this._end - bytesOf(whole) < LETTER_BYTES ? whole : read;
    const end = text === read ? next : this._end + bytesOf(text);
    if (text !== '') {
      const last = this._pieces[this._pieces.length - 1];
      const isOpen = last && (last.end - last.start < PIECE_BYTES || !last.text.endsWith('\n'));
      const kept = isOpen ? this._pieces.slice(0, -1) : this._pieces;
      const before = isOpen ? last.text : '';
      const start = isOpen ? last.start : this._end;
      this._pieces = [...kept, ...cutUp(before + text, start, end)];
    }
    this._end = end;
  }

  private _pieces: readonly Piece[] = [];
  private _last: Promise<void> = Promise.resolve();
  private _end = 0;
  private _size = 0;
}

/** Lines, in pieces that are not too long to be drawn again. */
function cutUp(text: string, start: number, end: number): Piece[] {
  const pieces: Piece[] = [];
  let rest = text;
  let from = start;
  while (rest.length > PIECE_BYTES) {
    const cut = rest.indexOf('\n', PIECE_BYTES) + 1;
    if (cut === 0 || cut === rest.length) {
      break;
    }
    const to = from + bytesOf(rest.slice(0, cut));
    pieces.push({ start: from, end: to, text: rest.slice(0, cut) });
    rest = rest.slice(cut);
    from = to;
  }
  return rest === '' ? pieces : [...pieces, { start: from, end, text: rest }];
}

/** How many bytes they were. What was no UTF-8 came as one letter for a byte, or nearly so. */
function bytesOf(text: string): number {
  const broken = text.split('\uFFFD').length - 1;
  return new TextEncoder().encode(text).length - 2 * broken;
}
