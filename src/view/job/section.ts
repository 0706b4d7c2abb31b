import { Panel } from '@lumino/widgets';

/** One tab of a job: reads what is new when it is told to. */
export abstract class Section extends Panel {
  constructor(label: string) {
    super();
    this.title.label = label;
    this.addClass('jp-Compute-jobSection');
    this.node.setAttribute('role', 'tabpanel');
    this.node.setAttribute('aria-label', label);
    this.node.tabIndex = 0;
  }

  /** Bring it up to date. True: there will be nothing new while the job stays as it is. Never twice at a time. */
  read(): Promise<boolean> {
    this._reading ??= this.readOnce().finally(() => {
      this._reading = null;
    });
    return this._reading;
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
