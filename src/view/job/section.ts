import { UUID } from '@lumino/coreutils';
import { Panel } from '@lumino/widgets';

import { isFinal } from '../../api/states';
import type { Job } from '../../api/types';

const LIVE_MS = 1000;

/** One tab of a job: reads what is new when it is told to. */
export abstract class Section extends Panel {
  constructor(label: string) {
    super();
    this.title.label = label;
    // Its tab says which one it opens.
    this.id = `jp-Compute-${UUID.uuid4()}`;
    this.addClass('jp-Compute-jobSection');
    this.node.setAttribute('role', 'tabpanel');
    this.node.setAttribute('aria-label', label);
    this.node.tabIndex = 0;
  }

  /** How often it is worth reading anew, in milliseconds. */
  get paceMs(): number {
    return LIVE_MS;
  }

  /** Whether it keeps to its pace also when the job makes progress. */
  get isCalm(): boolean {
    return this.paceMs > LIVE_MS;
  }

  /** Bring it up to date. True: all of it has been read that is there by now. Never twice at a time. */
  read(): Promise<boolean> {
    this._reading ??= this.readOnce().finally(() => {
      this._reading = null;
    });
    return this._reading;
  }

  /** Whether nothing new comes after all of it was read, until the job is another. */
  rests({ state }: Job): boolean {
    return isFinal(state);
  }

  protected abstract readOnce(): Promise<boolean>;

  /** A quiet sentence in place of what is not there. */
  protected say(text: string): void {
    this._note ??= this.node.appendChild(document.createElement('p'));
    this._note.className = 'jp-Compute-none';
    this._note.textContent = text;
    this._note.hidden = text === '';
  }

  private _reading: Promise<boolean> | null = null;
  private _note: HTMLParagraphElement | undefined;
}
