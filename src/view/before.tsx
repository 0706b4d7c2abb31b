import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

// Loaded with what it is for: who never opens a form does not pay for its looks.
import '../../style/form.css';

import type { Before } from '../api/types';
import { BeforeChoice } from './form/BeforeChoice';
import { RoundDialog } from './ring';

export type BeforeAnswer = Readonly<{
  before: Before;
  ids: string[];
  remember: boolean;
  /** Say more of the run first. */
  isMore?: boolean;
}>;

export interface IBeforeQuestion {
  readonly title: string;
  /** The code cells above, in the notebook's order. */
  readonly cells: readonly Readonly<{ id: string; source: string }>[];
  /** Those that the chosen ones need. */
  readonly needed: readonly string[];
  /** What each of them gives. */
  readonly reasons: ReadonlyMap<string, readonly string[]>;
  /** Names that no cell above binds. */
  readonly unresolved: readonly string[];
  readonly before: Before;
  readonly trans: TranslationBundle;
}

const MORE = 'options';

/** Asks what runs before the chosen cells. Null: the user went back. */
export async function askBefore(question: IBeforeQuestion): Promise<BeforeAnswer | null> {
  const { title, trans } = question;
  const body = new BeforeForm(question);
  const more = Dialog.createButton({ label: trans.__('Options…'), accept: false, actions: [MORE] });
  const dialog = new RoundDialog({
    title,
    body,
    buttons: [Dialog.cancelButton(), more, Dialog.okButton({ label: trans.__('Run') })],
    defaultButton: 2
  });
  dialog.addClass('jp-Compute-dialog');
  const { button, value } = await dialog.launch();
  if (button.actions.includes(MORE)) {
    return { ...body.getValue(), remember: false, isMore: true };
  }
  return button.accept ? value : null;
}

class BeforeForm extends ReactWidget implements Dialog.IBodyWidget<BeforeAnswer> {
  private _answer: BeforeAnswer;

  constructor(private readonly _question: IBeforeQuestion) {
    super();
    this.addClass('jp-Compute');
    const { before, needed } = _question;
    this._answer = { before, ids: [...needed], remember: false };
  }

  getValue(): BeforeAnswer {
    return this._answer;
  }

  protected override render() {
    return (
      <Form
        question={this._question}
        initial={this._answer}
        onChange={answer => {
          this._answer = answer;
        }}
      />
    );
  }
}

interface IFormProps {
  readonly question: IBeforeQuestion;
  readonly initial: BeforeAnswer;
  onChange(answer: BeforeAnswer): void;
}

function Form({ question, initial, onChange }: IFormProps) {
  const { trans, unresolved } = question;
  const [answer, setAnswer] = useState(initial);
  const change = (part: Partial<BeforeAnswer>) => {
    const next = { ...answer, ...part };
    setAnswer(next);
    onChange(next);
  };
  return (
    <div className="jp-Compute-form">
      <BeforeChoice
        {...question}
        before={answer.before}
        ids={answer.ids}
        onChange={(before, ids) => change({ before, ids })}
      />
      {answer.before !== 'above' && unresolved.length > 0 && (
        <p className="jp-Compute-warning">
          {trans.__('No cell above gives: %1', unresolved.join(', '))}
        </p>
      )}
      <label className="jp-Compute-remember">
        <input
          type="checkbox"
          checked={answer.remember}
          onChange={event => change({ remember: event.target.checked })}
        />
        {trans.__('Do it this way from now on and do not ask (Shift-click asks again)')}
      </label>
    </div>
  );
}
