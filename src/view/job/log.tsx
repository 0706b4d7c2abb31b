import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { renderText } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { LogChunk, LogStream } from '../../api/types';
import { bytes } from '../units';
import { ViewWidget } from '../widget';
import { findIn, mark, unmark } from './find';
import { LogBar } from './LogBar';
import type { Piece } from './logwindow';
import { LogWindow } from './logwindow';
import { Section } from './section';

/** Nearer than this to the end is at the end. */
const END_PX = 24;
/** Nearer than this to an edge of what is held, the next part is fetched. */
const NEAR_PX = 200;

export interface ILogOptions {
  readonly trans: TranslationBundle;
  readonly rendermime: IRenderMimeRegistry;
  read(stream: LogStream, offset: number, limit: number): Promise<LogChunk>;
  /** Where all of a log is; null: not known yet. */
  urlOf(stream: LogStream): string | null;
}

/**
 * A log as it grows: it follows the end until one scrolls up. Text only, with ANSI colours.
 *
 * Only a part of it is held and drawn, and older parts are fetched when one scrolls there: see `LogWindow`.
 */
export class LogSection extends Section {
  constructor(private readonly _options: ILogOptions) {
    const { trans } = _options;
    super(trans.__('Log'));
    const { urlOf } = _options;
    this.addClass('jp-Compute-log');
    this._shown = this._windowOf('stdout');
    const Bar = () => (
      <LogBar
        stream={this._stream}
        wraps={this._wraps}
        found={this._query === '' ? null : this._found}
        url={urlOf(this._stream)}
        onChoose={stream => this._choose(stream)}
        onWrap={wraps => this._wrap(wraps)}
        onSearch={text => this._search(text)}
        onStep={step => this._step(step)}
      />
    );
    this._bar = new ViewWidget(trans, Bar, 'jp-Compute-logHead');
    this.addWidget(this._bar);
    this._earlier.className = 'jp-Compute-link';
    this._earlier.type = 'button';
    this._earlier.addEventListener('click', () => void this._move('older'));
    this._text.className = 'jp-Compute-logText jp-RenderedText';
    this._text.tabIndex = 0;
    this._text.setAttribute('role', 'region');
    this._text.setAttribute('aria-label', trans.__('Lines of the log'));
    this._text.addEventListener('scroll', () => this._onScroll());
    this._end.className = 'jp-Compute-button jp-Compute-toEnd';
    this._end.type = 'button';
    this._end.textContent = trans.__('Jump to the end');
    this._end.addEventListener('click', () => this._jump());
    this.node.append(this._earlier, this._text, this._end);
    this.node.addEventListener('keydown', event => this._onKey(event));
    this._showEdges();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      unmark();
      super.dispose();
    }
  }

  protected async readOnce(): Promise<boolean> {
    const shown = this._shown;
    // What is held elsewhere stays: only the size is news then, and the end is one click away.
    if (this._isNew) {
      await shown.toEnd();
    } else if (shown.isAtEnd || this._follows) {
      await shown.newer();
    } else {
      return true;
    }
    if (this.isDisposed) {
      return true;
    }
    if (shown !== this._shown) {
      // Another log was chosen meanwhile.
      return this.readOnce();
    }
    this._isNew = false;
    await this._draw();
    if (shown !== this._shown) {
      return this.readOnce();
    }
    const { trans } = this._options;
    this.say(shown.size === 0 ? trans.__('Nothing here yet.') : '');
    return shown.isAtEnd;
  }

  /** Older or newer lines, while one looks there. One at a time, and none while it is read anyway. */
  private async _move(where: 'older' | 'newer'): Promise<void> {
    const shown = this._shown;
    if (this._isMoving || this._isNew) {
      return;
    }
    this._isMoving = true;
    try {
      await shown[where]();
      if (shown === this._shown && !this.isDisposed) {
        this._follows &&= shown.isAtEnd;
        await this._draw();
      }
    } catch {
      // It is tried again at the next scroll; the section says what cannot be read.
    } finally {
      this._isMoving = false;
    }
  }

  private _windowOf(stream: LogStream): LogWindow {
    return new LogWindow((offset, limit) => this._options.read(stream, offset, limit));
  }

  private _choose(stream: LogStream): void {
    this._stream = stream;
    this._restart();
  }

  private _jump(): void {
    if (this._shown.isAtEnd) {
      this._text.scrollTop = this._text.scrollHeight;
      this._text.focus();
      return;
    }
    this._restart();
  }

  private _restart(): void {
    this._shown = this._windowOf(this._stream);
    this._isNew = true;
    this._follows = true;
    this._drawn.clear();
    this._text.replaceChildren();
    this._look();
    this._showEdges();
    void this.read().catch(() => undefined);
  }

  private _wrap(wraps: boolean): void {
    this._wraps = wraps;
    this._text.toggleAttribute('data-long-lines', !wraps);
    this._bar.update();
    this._stick();
  }

  private _onScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this._text;
    const below = scrollHeight - scrollTop - clientHeight;
    this._follows = below < END_PX && this._shown.isAtEnd;
    this._showEdges();
    if (scrollTop < NEAR_PX && this._shown.start > 0 && !this._follows) {
      void this._move('older');
    } else if (below < NEAR_PX && !this._shown.isAtEnd) {
      void this._move('newer');
    }
  }

  private _stick(): void {
    if (this._follows) {
      this._text.scrollTop = this._text.scrollHeight;
    }
  }

  private _draw(): Promise<void> {
    // In turn, or one piece might be drawn twice.
    this._drawing = this._drawing.then(() => this._drawOnce());
    return this._drawing;
  }

  /** Draws the pieces that are new, takes out those that are gone, and keeps what one looks at where it is. */
  private async _drawOnce(): Promise<void> {
    const shown = this._shown;
    const { pieces } = shown;
    const fresh = pieces.filter(piece => !this._drawn.has(piece));
    const hosts = await Promise.all(fresh.map(piece => this._hostOf(piece)));
    if (shown !== this._shown || this.isDisposed) {
      return;
    }
    fresh.forEach((piece, index) => this._drawn.set(piece, hosts[index]));
    const anchor = this._anchor();
    const kept = new Set(pieces);
    for (const [piece, host] of this._drawn) {
      if (!kept.has(piece)) {
        host.remove();
        this._drawn.delete(piece);
      }
    }
    let before: Element | null = null;
    for (const piece of pieces) {
      const host = this._drawn.get(piece) as HTMLElement;
      if (host.parentElement === null || host.previousElementSibling !== before) {
        this._text.insertBefore(host, before ? before.nextSibling : this._text.firstChild);
      }
      before = host;
    }
    anchor();
    this._stick();
    this._look();
    this._showEdges();
  }

  /** Remembers what is at the top of the view; calling it puts that there again. */
  private _anchor(): () => void {
    const { scrollTop } = this._text;
    const hosts = [...this._drawn.values()].filter(host => host.parentElement === this._text);
    const seen = hosts.filter(host => host.offsetTop + host.offsetHeight > scrollTop);
    const tops = seen.map(host => [host, host.offsetTop - scrollTop] as const);
    return () => {
      const still = tops.find(([host]) => host.parentElement === this._text);
      if (still && !this._follows) {
        const [host, top] = still;
        this._text.scrollTop = host.offsetTop - top;
      }
    };
  }

  private async _hostOf({ text }: Piece): Promise<HTMLElement> {
    const { sanitizer } = this._options.rendermime;
    const host = document.createElement('div');
    await renderText({ host, source: withoutOverwritten(text), sanitizer });
    return host;
  }

  private _showEdges(): void {
    const { trans } = this._options;
    const { start, isAtEnd } = this._shown;
    this._earlier.hidden = start === 0;
    this._earlier.textContent = trans.__('%1 before this are not loaded: load more', bytes(start));
    this._end.hidden = this._follows && isAtEnd;
  }

  private _search(text: string): void {
    this._query = text;
    const now = this._places[this._index];
    this._look();
    // Typing on stays where it is while that fits.
    if (!now || !this._places.some(place => isSame(place, now))) {
      this._index = -1;
      this._step(1);
    }
  }

  /** Finds anew, and stays at the place that is shown, whatever came before or after it. */
  private _look(): void {
    const now = this._places[this._index];
    const places = findIn(this._text, this._query);
    const still = now ? places.findIndex(place => isSame(place, now)) : -1;
    // The last lines are drawn anew when more come: then it is the same by its number.
    this._index = still >= 0 ? still : Math.min(this._index, places.length - 1);
    this._places = places;
    mark(this._places, this._places[this._index] ?? null);
    this._bar.update();
  }

  private _step(step: 1 | -1): void {
    const { length } = this._places;
    if (length === 0) {
      return;
    }
    this._index = this._index < 0 && step < 0 ? length - 1 : (this._index + step + length) % length;
    const place = this._places[this._index];
    mark(this._places, place);
    // The place may be far to the right of a line that is not wrapped.
    place.startContainer.parentElement?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
    const { top, height } = place.getBoundingClientRect?.() ?? { top: 0, height: 0 };
    const box = this._text.getBoundingClientRect();
    this._text.scrollTop += top - box.top - (box.height - height) / 2;
    this._bar.update();
  }

  private _onKey(event: KeyboardEvent): void {
    if (event.key === 'f' && (event.ctrlKey || event.metaKey) && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      this._bar.node.querySelector('input')?.focus();
    }
  }

  private get _found() {
    const { start, isAtEnd } = this._shown;
    const isAll = start === 0 && isAtEnd;
    return { count: this._places.length, index: this._index, isAll };
  }

  private readonly _bar: ViewWidget;
  private readonly _text = document.createElement('div');
  private readonly _earlier = document.createElement('button');
  private readonly _end = document.createElement('button');
  private readonly _drawn = new Map<Piece, HTMLElement>();
  private _stream: LogStream = 'stdout';
  /** Another object each time that one chooses, so that what was on its way for an earlier choice is left out. */
  private _shown: LogWindow;
  private _drawing: Promise<void> = Promise.resolve();
  private _isNew = true;
  private _isMoving = false;
  private _follows = true;
  private _wraps = true;
  private _query = '';
  private _places: Range[] = [];
  private _index = -1;
}

function isSame(one: Range, other: Range): boolean {
  return one.startContainer === other.startContainer && one.startOffset === other.startOffset;
}

/** A carriage return starts the line anew, as progress bars do. */
function withoutOverwritten(text: string): string {
  const lines = text.split('\n').map(line => line.replace(/\r+$/, ''));
  return lines.map(line => line.slice(line.lastIndexOf('\r') + 1)).join('\n');
}
