import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import type { Before } from '../api/types';

export type BeforeAnswer = Readonly<{ before: Before; ids: string[]; remember: boolean }>;

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

/** Asks what runs before the chosen cells. Null: the user went back. */
export async function askBefore(question: IBeforeQuestion): Promise<BeforeAnswer | null> {
  const { title, trans } = question;
  const dialog = new Dialog({
    title,
    body: new BeforeForm(question),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Run') })]
  });
  dialog.addClass('jp-Compute-dialog');
  const { button, value } = await dialog.launch();
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
  const { trans, cells, unresolved } = question;
  const [answer, setAnswer] = useState(initial);
  const change = (part: Partial<BeforeAnswer>) => {
    const next = { ...answer, ...part };
    setAnswer(next);
    onChange(next);
  };
  const choices: [Before, string, string][] = [
    ['nothing', trans.__('Nothing'), trans.__('Only the chosen cells run, in a fresh kernel.')],
    [
      'setup',
      trans.__('Setup cells'),
      trans.__('Cells above with the tag “compute-setup” run first.')
    ],
    ['needed', trans.__('Needed cells'), trans.__('These run first, in the same fresh kernel:')],
    ['above', trans.__('All above'), trans.__('All code cells above run first.')]
  ];
  return (
    <div className="jp-Compute-form">
      <fieldset>
        <legend>{trans.__('Before them')}</legend>
        <div className="jp-Compute-segments">
          {choices.map(([before, label]) => (
            <label key={before} data-on={answer.before === before || undefined}>
              <input
                type="radio"
                name="compute-before"
                checked={answer.before === before}
                onChange={() => change({ before })}
              />
              {label}
            </label>
          ))}
        </div>
      </fieldset>
      <p>{choices.find(([before]) => before === answer.before)?.[2]}</p>
      {answer.before === 'needed' && (
        <Ticks question={question} ids={answer.ids} onChange={ids => change({ ids })} />
      )}
      {answer.before === 'needed' && cells.length === 0 && (
        <p>{trans.__('There is no cell above.')}</p>
      )}
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

type TicksProps = Readonly<{
  question: IBeforeQuestion;
  ids: string[];
  onChange(ids: string[]): void;
}>;

/** The cells above, each with its first line and what it gives. */
function Ticks({ question: { cells, reasons, trans }, ids, onChange }: TicksProps) {
  const ticked = new Set(ids);
  const toggle = (id: string) => {
    const next = new Set(ticked);
    if (!next.delete(id)) {
      next.add(id);
    }
    onChange(cells.filter(cell => next.has(cell.id)).map(cell => cell.id));
  };
  return (
    <ul className="jp-Compute-ticks">
      {cells.map(({ id, source }) => (
        <li key={id}>
          <label title={source}>
            <input type="checkbox" checked={ticked.has(id)} onChange={() => toggle(id)} />
            <code>{firstLine(source)}</code>
            {ticked.has(id) && (
              <span>
                {(reasons.get(id) ?? []).join(', ') || (reasons.has(id) && trans.__('setup'))}
              </span>
            )}
          </label>
        </li>
      ))}
    </ul>
  );
}

/** The first line that says something. */
function firstLine(source: string): string {
  const lines = source.split('\n').map(line => line.trim());
  return lines.find(line => line !== '' && !line.startsWith('#')) ?? lines[0];
}
