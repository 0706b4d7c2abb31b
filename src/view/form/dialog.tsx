import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactNode } from 'react';
import React from 'react';

// Loaded with what it is for: who never opens a form does not pay for its looks.
import '../../../style/form.css';

import type { Job } from '../../api/types';
import { RoundDialog } from '../ring';
import { TranslationProvider } from '../translation';
import { RunForm } from './RunForm';
import type { IFormOptions } from './state';
import { FormState } from './state';

/** What a form has that a run at once has not. */
export interface IFormExtra {
  /** Stands above everything. */
  readonly head?: ReactNode;
  /** What the button says that sends it. */
  readonly label?: string;
}

/** Ask how to run it, and run it. Null: the person left. */
export async function openForm<T = Job>(
  title: string,
  options: IFormOptions<T>,
  trans: TranslationBundle,
  extra: IFormExtra = {}
): Promise<T | null> {
  // eslint-disable-next-line jupyter/require-disposable-ownership -- a dialog disposes of itself when it is left
  const dialog = new FormDialog(title, new FormState(options), trans, extra);
  // JupyterLab may take it away; then the person has left, too.
  await dialog.launch().catch(() => undefined);
  return dialog.sent;
}

const BACK = 0;
const PREVIEW = 1;
const RUN = 2;

/** JupyterLab's dialog, which stays until the server has taken the job or the person leaves. */
class FormDialog<T> extends RoundDialog<void> {
  /** What came of it. */
  sent: T | null = null;

  constructor(
    title: string,
    private readonly _state: FormState<T>,
    private readonly _trans: TranslationBundle,
    { head, label }: IFormExtra
  ) {
    const trans = _trans;
    super({
      title,
      body: new FormBody(_state, trans, head, () => this._begin()),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.createButton({ label: trans.__('Preview'), accept: false }),
        Dialog.okButton({ label: label ?? trans.__('Run') })
      ],
      defaultButton: RUN,
      focusNodeSelector: beginningOf(_state)
    });
    this.addClass('jp-Compute-dialog');
    this.addClass('jp-Compute-runDialog');
    _state.changed.connect(this._onState, this);
  }

  override dispose(): void {
    this._state.changed.disconnect(this._onState, this);
    this._state.dispose();
    super.dispose();
  }

  /** Only leaving and a job that was taken end the form. */
  override resolve(index?: number): void {
    if (index === BACK) {
      super.resolve(index);
    } else if (index === PREVIEW) {
      void this._look();
    } else {
      void this._run();
    }
  }

  override handleEvent(event: Event): void {
    const { target } = event;
    const isEnter = event.type === 'keydown' && (event as KeyboardEvent).key === 'Enter';
    const isOurs = target instanceof HTMLElement && target.closest('.jp-Compute-form') !== null;
    // The dialog takes Enter for Run wherever it is pressed, but these have a meaning of their own for it.
    if (!isEnter || !isOurs || !target.matches('button, summary, textarea')) {
      super.handleEvent(event);
      return;
    }
    // Nothing behind the dialog is to hear of it.
    event.stopPropagation();
    if (target.matches('textarea') && (event as KeyboardEvent).ctrlKey) {
      event.preventDefault();
      this.resolve(RUN);
    }
  }

  /**
   * JupyterLab looks for the first field when the body may not be drawn yet, and takes the button then.
   *
   * Or it looks later than we: who has pressed Tab by then is not to be taken back, so that it goes first.
   */
  private _begin(): void {
    // JupyterLab 4.0 does not say when it has looked.
    const looked: Promise<void> | undefined = this.ready;
    void Promise.resolve(looked).then(() => {
      const body = this.node.querySelector('.jp-Dialog-body');
      if (!body?.contains(document.activeElement)) {
        body?.querySelector<HTMLElement>(beginningOf(this._state))?.focus();
      }
    });
  }

  private async _run(): Promise<void> {
    const sent = await this._state.run();
    if (sent !== null) {
      this.sent = sent;
      super.resolve(RUN);
    } else {
      this._showFault();
    }
  }

  private async _look(): Promise<void> {
    if (this._state.snapshot.preview) {
      this._state.back();
    } else if (!(await this._state.look())) {
      this._showFault();
    }
  }

  /** Who cannot see the form hears what is wrong by being brought there. */
  private _showFault(): void {
    const [pointer] = this._state.faulty;
    requestAnimationFrame(() => {
      const place = pointer
        ? this.node.querySelector(`[data-pointer="${CSS.escape(pointer)}"]`)
        : this.node.querySelector('.jp-Compute-fieldProblem');
      const control = place?.matches('div')
        ? place.querySelector<HTMLElement>('input:checked, input')
        : (place as HTMLElement | null);
      control?.focus();
      control?.scrollIntoView({ block: 'nearest' });
    });
  }

  private _onState(): void {
    const { preview, isBusy } = this._state.snapshot;
    const buttons = this.node.querySelectorAll<HTMLButtonElement>('.jp-Dialog-footer button');
    const label = buttons[PREVIEW]?.querySelector('.jp-Dialog-buttonLabel');
    if (label) {
      const words = preview ? this._trans.__('Back to options') : this._trans.__('Preview');
      label.textContent = words;
      buttons[PREVIEW].ariaLabel = words;
    }
    buttons.forEach((button, index) => {
      button.setAttribute('aria-disabled', String(isBusy && index !== BACK));
    });
  }
}

/** Where one begins: at what is wrong, else at the top. */
function beginningOf({ faulty: [pointer] }: FormState<unknown>): string {
  const place = pointer && `[data-pointer="${CSS.escape(pointer)}"]`;
  return place ? `:is(${place}:not(div), ${place} input:checked)` : ':is(select, input)';
}

class FormBody extends ReactWidget implements Dialog.IBodyWidget<void> {
  constructor(
    private readonly _state: FormState<unknown>,
    private readonly _trans: TranslationBundle,
    private readonly _head: ReactNode,
    private readonly _onDrawn: () => void
  ) {
    super();
    this.addClass('jp-Compute');
  }

  getValue(): void {
    // What was sent is what comes of it.
  }

  protected override render() {
    return (
      <TranslationProvider value={this._trans}>
        {this._head}
        <RunForm state={this._state} onDrawn={this._onDrawn} />
      </TranslationProvider>
    );
  }
}
