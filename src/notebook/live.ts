import type { IOutput } from '@jupyterlab/nbformat';
import { OutputAreaModel } from '@jupyterlab/outputarea';
import type { IDisposable } from '@lumino/disposable';

import type { OutputEvent } from '../api/types';
import { CellOutputs } from './outputs';
import type { Step } from './outputs';

/** Every flush compares and draws the whole text again: long texts are flushed less often, and shown from their end. */
const FLUSH_MS = 100;
const SLOW_FLUSH_MS = 400;
const LONG_CHARS = 100_000;
const CUT_ABOVE_CHARS = 300_000;
const KEPT_CHARS = 200_000;

/**
 * The outputs of one cell of one job: all of them for the notebook, and a model for the view below the cell.
 *
 * It belongs to no widget, so it goes on while the notebook is closed or the cell is moved.
 */
export class LiveOutputs implements IDisposable {
  /** `leftOut` says that the text starts so many characters later than it should. */
  constructor(private _leftOut: (chars: number) => string) {}

  readonly model = new ViewModel({ trusted: true });

  get cell(): CellOutputs {
    return this._cell;
  }

  /** Whether the view has something to show in place of the outputs from before; from the first output on. */
  get hasNews(): boolean {
    return this._hasNews;
  }

  get isDisposed(): boolean {
    return this.model.isDisposed;
  }

  apply(event: OutputEvent): void {
    this._queue.push(...this._cell.apply(event));
    if (this._cell.hasEnded) {
      this.flush();
    } else if (this._queue.length > 0) {
      this._timer ??= setTimeout(
        () => this.flush(),
        this._chars < LONG_CHARS ? FLUSH_MS : SLOW_FLUSH_MS
      );
    }
  }

  /** Brings the view up to date now. */
  flush(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
    if (!this.isDisposed) {
      joined(this._queue).forEach(step => this._show(step));
      this._queue = [];
      this._cut();
      this._hasNews ||= this._cell.hasEnded || this.model.length > 0;
    }
  }

  /** Another attempt started from the beginning. */
  reset(): void {
    this._cell = new CellOutputs();
    this._queue = [{ kind: 'clear' }];
    this._hasNews = false;
    this.flush();
  }

  /**
   * What belongs into the notebook: everything that was stored, also where the view shows only the end.
   *
   * A model of JupyterLab's makes it, so that progress bars come to one line and neighbouring streams to one output: what
   * the document would otherwise hold differs from what its view shows, and the two then spoil each other.
   */
  toJSON(): IOutput[] {
    const model = new OutputAreaModel({ values: [...this._cell.outputs], trusted: true });
    const outputs = model.toJSON();
    model.dispose();
    return outputs;
  }

  dispose(): void {
    clearTimeout(this._timer);
    this._queue = [];
    this.model.dispose();
  }

  private _show(step: Step): void {
    switch (step.kind) {
      case 'clear':
        this._chars = 0;
        return this.model.clear();
      case 'set':
        return this.model.set(step.index, step.output);
      case 'append':
        this._chars += step.text.length;
        this.model.add({ output_type: 'stream', name: step.name, text: step.text });
        return;
      case 'add':
        this._chars = String(step.output.text ?? '').length;
        this._cutChars = this._noteChars = 0;
        this.model.add(step.output);
    }
  }

  /** The last text is cut to its end. What carriage returns overwrote does not count. */
  private _cut(): void {
    const last = this.model.length - 1;
    if (this._chars <= CUT_ABOVE_CHARS || last < 0) {
      return;
    }
    const output = this.model.get(last).toJSON();
    const text = String(output.text);
    this._chars = text.length;
    if (text.length > CUT_ABOVE_CHARS) {
      const line = text.indexOf('\n', text.length - KEPT_CHARS) + 1;
      const isClose = line > 0 && text.length - line > KEPT_CHARS / 2;
      const start = isClose ? line : text.length - KEPT_CHARS;
      this._cutChars += start - this._noteChars;
      const note = `${this._leftOut(this._cutChars)}\n`;
      this._noteChars = note.length;
      this._chars = note.length + text.length - start;
      this.model.replaceLast({ ...output, text: note + text.slice(start) });
    }
  }

  private _cell = new CellOutputs();
  private _queue: Step[] = [];
  private _timer: ReturnType<typeof setTimeout> | undefined;
  /** Length of the last text in the view, or more. */
  private _chars = 0;
  /** How much of it was cut away, and how long the note is that says so. */
  private _cutChars = 0;
  private _noteChars = 0;
  private _hasNews = false;
}

/** Neighbouring pieces of one text cost one drawing. */
function joined(steps: readonly Step[]): Step[] {
  const result: Step[] = [];
  for (const step of steps) {
    const last = result[result.length - 1];
    if (step.kind === 'append' && last?.kind === 'append' && last.name === step.name) {
      result[result.length - 1] = { ...step, text: last.text + step.text };
    } else if (
      step.kind === 'append' &&
      last?.kind === 'add' &&
      last.output.output_type === 'stream'
    ) {
      const text = String(last.output.text) + step.text;
      result[result.length - 1] = { kind: 'add', output: { ...last.output, text } };
    } else if (step.kind === 'clear') {
      result.splice(0, result.length, step);
    } else {
      result.push(step);
    }
  }
  return result;
}

class ViewModel extends OutputAreaModel {
  /** The base class would join the new text with the output before it. */
  replaceLast(output: IOutput): void {
    this.remove(this.length - 1);
    this._alone = true;
    this.add(output);
    this._alone = false;
  }

  protected override shouldCombine(): boolean {
    return !this._alone;
  }

  private _alone = false;
}
