import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

// Loaded with what it is for.
import '../../../style/form.css';
import '../../../style/storage.css';

import { RoundDialog } from '../ring';
import { TranslationProvider } from '../translation';
import { CleanUpView } from './CleanUpView';
import { firstTexts, limitFields, limitsOf } from './limits';
import type { ICleanUpOptions } from './state';
import { CleanUp } from './state';

export interface ICleanUpDialogOptions extends ICleanUpOptions {
  readonly trans: TranslationBundle;
  onSettings(): void;
}

/** Show what run folders take, and delete what one chooses. Resolves when the person leaves. */
export async function openCleanUp(options: ICleanUpDialogOptions): Promise<void> {
  const state = new CleanUp(options);
  // eslint-disable-next-line jupyter/require-disposable-ownership -- a dialog disposes of itself when it is left
  const dialog = new CleanUpDialog(state, options);
  await dialog.launch().catch(() => undefined);
}

const LEAVE = 0;
const DELETE = 1;

/** JupyterLab's dialog, which stays while it deletes; leaving it meanwhile stops the deleting after the piece under way. */
class CleanUpDialog extends RoundDialog<void> {
  constructor(
    private readonly _state: CleanUp,
    { trans, onSettings }: ICleanUpDialogOptions
  ) {
    super({
      title: trans.__('Clean up'),
      body: new Body(_state, trans, () => {
        this.resolve(LEAVE);
        onSettings();
      }),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Close') }),
        Dialog.warnButton({ label: trans.__('Delete'), accept: true })
      ],
      defaultButton: LEAVE,
      focusNodeSelector: 'input'
    });
    this._trans = trans;
    this.addClass('jp-Compute-dialog');
    this.addClass('jp-Compute-runDialog');
    _state.changed.connect(this._onState, this);
    this._onState();
    void _state.measure();
  }

  override dispose(): void {
    this._state.changed.disconnect(this._onState, this);
    this._state.dispose();
    super.dispose();
  }

  override resolve(index?: number): void {
    if (index === DELETE) {
      void this._state.run();
    } else if (this._state.snapshot.isDeleting && index === LEAVE) {
      // The button says “Stop” then.
      this._state.stop();
    } else {
      super.resolve(LEAVE);
    }
  }

  override handleEvent(event: Event): void {
    // Enter in a field must not delete, nor leave.
    if (event.type === 'keydown' && (event as KeyboardEvent).key === 'Enter') {
      event.stopPropagation();
      if (!(event.target as HTMLElement).matches('button, summary')) {
        event.preventDefault();
      }
      return;
    }
    super.handleEvent(event);
  }

  private _onState(): void {
    const { storage, plan, isDeleting } = this._state.snapshot;
    if (storage && !this._hasLooked) {
      // What the settings keep is looked at as soon as it is known, not when everything is measured.
      this._hasLooked = true;
      const fields = limitFields(this._trans);
      void this._state.look(limitsOf(fields, firstTexts(storage), false));
    }
    const buttons = this.node.querySelectorAll<HTMLButtonElement>('.jp-Dialog-footer button');
    const count = plan?.jobs ?? 0;
    const say = (index: number, words: string) => {
      const label = buttons[index]?.querySelector('.jp-Dialog-buttonLabel');
      if (label && label.textContent !== words) {
        label.textContent = words;
        buttons[index].ariaLabel = words;
      }
    };
    say(LEAVE, isDeleting ? this._trans.__('Stop') : this._trans.__('Close'));
    say(
      DELETE,
      count > 0
        ? this._trans._n('Delete %1 job', 'Delete %1 jobs', count)
        : this._trans.__('Delete')
    );
    buttons[DELETE]?.setAttribute('aria-disabled', String(isDeleting || count === 0));
  }

  private readonly _trans: TranslationBundle;
  private _hasLooked = false;
}

class Body extends ReactWidget implements Dialog.IBodyWidget<void> {
  constructor(
    private readonly _state: CleanUp,
    private readonly _trans: TranslationBundle,
    private readonly _onSettings: () => void
  ) {
    super();
    this.addClass('jp-Compute');
  }

  getValue(): void {
    // Nothing comes of it but what was deleted.
  }

  protected override render() {
    return (
      <TranslationProvider value={this._trans}>
        <CleanUpView state={this._state} onSettings={this._onSettings} />
      </TranslationProvider>
    );
  }
}
