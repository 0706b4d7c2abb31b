import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { renderText } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { LogChunk, LogStream } from '../../api/types';
import { bytes } from '../units';
import { Section } from './section';

/** So much of a long log is read at first; the rest is a download. */
const TAIL_BYTES = 256 * 1024;
/** A block of this size is finished: it is not drawn again when more comes. */
const BLOCK_CHARS = 16 * 1024;
/** Nearer than this to the end is at the end. */
const END_PX = 24;

export interface ILogOptions {
  readonly trans: TranslationBundle;
  readonly rendermime: IRenderMimeRegistry;
  read(stream: LogStream, offset: number): Promise<LogChunk>;
}

/** The end of a log as it grows: it follows the end until one scrolls up. Text only, with ANSI colours. */
export class LogSection extends Section {
  constructor(private readonly _options: ILogOptions) {
    super(_options.trans.__('Log'));
    this.addClass('jp-Compute-log');
    const { trans } = _options;
    const streams: [LogStream, string][] = [
      ['stdout', trans.__('Output')],
      ['stderr', trans.__('Errors')],
      ['scheduler', trans.__('Scheduler')]
    ];
    const bar = document.createElement('div');
    bar.className = 'jp-Compute-chips';
    for (const [stream, label] of streams) {
      const chip = document.createElement('button');
      chip.type = 'button';
      chip.className = 'jp-Compute-chip';
      chip.textContent = label;
      chip.addEventListener('click', () => void this._choose(stream));
      this._chips.set(stream, chip);
      bar.append(chip);
    }
    this._text.className = 'jp-Compute-logText jp-RenderedText';
    this._text.tabIndex = 0;
    this._text.addEventListener('scroll', () => {
      const { scrollTop, scrollHeight, clientHeight } = this._text;
      this._follows = scrollHeight - scrollTop - clientHeight < END_PX;
    });
    this.node.append(bar, this._text);
    this._mark();
  }

  protected async readOnce(): Promise<boolean> {
    const shown = this._shown;
    const isFirst = this._offset === null;
    const chunk = await this._options.read(shown.stream, this._offset ?? -TAIL_BYTES);
    if (this.isDisposed) {
      return true;
    }
    if (shown !== this._shown) {
      // Another log was chosen meanwhile.
      return this.readOnce();
    }
    if (isFirst) {
      this._start(chunk);
    }
    this._offset = chunk.next;
    await this._append(chunk.text, shown);
    if (shown !== this._shown) {
      return this.readOnce();
    }
    this.say(chunk.size === 0 ? this._options.trans.__('Nothing here yet.') : '');
    return chunk.next >= chunk.size;
  }

  private async _choose(stream: LogStream): Promise<void> {
    this._shown = { stream };
    this._offset = null;
    this._text.replaceChildren();
    this._block = null;
    this._follows = true;
    this._mark();
    await this.read().catch(() => undefined);
  }

  private _mark(): void {
    this._chips.forEach((chip, stream) => {
      chip.setAttribute('aria-pressed', String(stream === this._shown.stream));
    });
  }

  private _start({ text, next, size }: LogChunk): void {
    const skipped = next - new TextEncoder().encode(text).length;
    if (skipped > 0 && size > TAIL_BYTES) {
      const note = document.createElement('p');
      note.className = 'jp-Compute-none';
      note.textContent = this._options.trans.__(
        'The first %1 are left out here; Files has all of it.',
        bytes(skipped)
      );
      this._text.append(note);
    }
  }

  private async _append(text: string, shown: Shown): Promise<void> {
    let rest = text;
    while (rest !== '' && shown === this._shown) {
      this._block ??= { host: this._text.appendChild(document.createElement('div')), text: '' };
      const block = this._block;
      // A block ends with a line, so that no line and no colour sequence is torn.
      const end = rest.lastIndexOf('\n', BLOCK_CHARS) + 1 || rest.length;
      const isFull = block.text.length + end >= BLOCK_CHARS && rest[end - 1] === '\n';
      block.text += rest.slice(0, end);
      rest = rest.slice(end);
      if (isFull) {
        this._block = null;
      }
      await this._draw(block);
    }
    if (this._follows) {
      this._text.scrollTop = this._text.scrollHeight;
    }
  }

  private async _draw(block: Block): Promise<void> {
    const { sanitizer } = this._options.rendermime;
    // `renderText` adds to what its host holds.
    const host = document.createElement('div');
    await renderText({ host, source: withoutOverwritten(block.text), sanitizer });
    block.host.replaceWith(host);
    block.host = host;
  }

  private readonly _chips = new Map<LogStream, HTMLButtonElement>();
  private readonly _text = document.createElement('div');
  /** Another object each time that one chooses, so that what was on its way for an earlier choice is left out. */
  private _shown: Shown = { stream: 'stdout' };
  private _offset: number | null = null;
  private _block: Block | null = null;
  private _follows = true;
}

/** A carriage return starts the line anew, as progress bars do. */
function withoutOverwritten(text: string): string {
  const lines = text.split('\n').map(line => line.replace(/\r+$/, ''));
  return lines.map(line => line.slice(line.lastIndexOf('\r') + 1)).join('\n');
}

type Shown = Readonly<{ stream: LogStream }>;

type Block = { host: HTMLElement; text: string };
