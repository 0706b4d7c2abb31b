import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job } from '../../api/types';
import { Section } from './section';

/** A text to be read and copied. */
abstract class TextSection extends Section {
  constructor(label: string, trans: TranslationBundle) {
    super(label);
    this.addClass('jp-Compute-texts');
    this._text.className = 'jp-Compute-code';
    // It scrolls, so the keyboard must reach it.
    this._text.tabIndex = 0;
    const copy = document.createElement('button');
    copy.type = 'button';
    copy.className = 'jp-Compute-button';
    copy.textContent = trans.__('Copy');
    copy.addEventListener('click', () => {
      Clipboard.copyToSystem(this._text.textContent ?? '');
      copy.textContent = trans.__('Copied');
    });
    copy.addEventListener('blur', () => (copy.textContent = trans.__('Copy')));
    this.node.append(copy, this._text);
  }

  protected set text(text: string) {
    // What somebody has marked in it stays marked while it is the same.
    if (this._text.textContent !== text) {
      this._text.textContent = text;
    }
  }

  private readonly _text = document.createElement('pre');
}

export interface IScriptOptions {
  readonly trans: TranslationBundle;
  read(): Promise<string>;
  /** Which attempt it is now. */
  attempt(): number | null;
}

/** The script that the scheduler was given. */
export class ScriptSection extends TextSection {
  constructor(private readonly _options: IScriptOptions) {
    const { trans } = _options;
    super(trans.__('Script'), trans);
  }

  /** It is written once for each attempt. */
  override rests(): boolean {
    return true;
  }

  protected async readOnce(): Promise<boolean> {
    const attempt = this._options.attempt();
    if (attempt !== this._attempt) {
      this.text = await this._options.read();
      this._attempt = attempt;
    }
    return true;
  }

  private _attempt: number | null | undefined;
}

/** Everything that the server knows of the job, as JSON. */
export class RecordSection extends TextSection {
  constructor(private readonly _options: { trans: TranslationBundle; read(): Promise<Job> }) {
    const { trans } = _options;
    super(trans.__('Record'), trans);
  }

  protected async readOnce(): Promise<boolean> {
    this.text = JSON.stringify(await this._options.read(), null, 2);
    return true;
  }
}
