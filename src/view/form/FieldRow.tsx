import { HTMLSelect } from '@jupyterlab/ui-components';
import React, { useId } from 'react';

import { useTrans } from '../translation';
import type { IField, Pointer, Reading, WayOut } from './field';
import { words } from './field';
import type { Problem } from './state';

export interface IFieldEvents {
  onType(pointer: Pointer, text: string): void;
  onLeave(pointer: Pointer): void;
  onWayOut(profile: string): void;
}

export interface IFieldRowProps {
  readonly field: IField;
  readonly text: string;
  readonly reading: Reading;
  /** Whether it may also be told what may yet be written. */
  readonly isLeft: boolean;
  /** The server's word, if it is about this field. */
  readonly problem: Problem | null;
  readonly events: IFieldEvents;
}

/** One field: its name, what stands in it, and below it what may, how it was understood, or what is wrong. */
export function FieldRow({ field, text, reading, isLeft, problem, events }: IFieldRowProps) {
  const id = useId();
  const { pointer, label, input, hint } = field;
  const isTold = reading.problem !== undefined && (isLeft || !reading.isUnfinished);
  const isBad = isTold || problem !== null;
  const says = [reading.problem ? '' : reading.meant && `= ${reading.meant}`, hint];
  const below = says.filter(Boolean).join(' · ');
  const described = [below && `${id}-hint`, isBad && `${id}-problem`].filter(Boolean).join(' ');
  const control = {
    id,
    'data-pointer': pointer,
    'aria-invalid': isBad || undefined,
    'aria-describedby': described || undefined,
    onBlur: () => events.onLeave(pointer)
  };
  const type = (value: string) => events.onType(pointer, value);
  const notes = (
    <>
      {below && (
        <p id={`${id}-hint`} className="jp-Compute-fieldHint">
          {below}
        </p>
      )}
      {isBad && (
        <FieldProblem
          id={`${id}-problem`}
          text={isTold ? reading.problem : problem?.text}
          hint={isTold ? '' : problem?.hint}
          wayOut={isTold ? reading.wayOut : undefined}
          onWayOut={events.onWayOut}
        />
      )}
    </>
  );
  if (input === 'tick') {
    return (
      <div className="jp-Compute-field" data-input={input} data-bad={isBad || undefined}>
        <label className="jp-Compute-tickLabel">
          <input
            {...control}
            type="checkbox"
            checked={text === 'true'}
            onChange={({ target }) => type(String(target.checked))}
          />
          {label}
        </label>
        {notes}
      </div>
    );
  }
  if (input === 'ticks') {
    return (
      <fieldset
        className="jp-Compute-field"
        data-input={input}
        data-bad={isBad || undefined}
        aria-describedby={described || undefined}
      >
        <legend className="jp-Compute-fieldLabel">{label}</legend>
        <Ticks field={field} text={text} onType={type} />
        {notes}
      </fieldset>
    );
  }
  return (
    <div
      className="jp-Compute-field"
      data-input={input}
      data-wide={field.isWide || undefined}
      data-bad={isBad || undefined}
    >
      <label htmlFor={id} className="jp-Compute-fieldLabel">
        {label}
      </label>
      {input === 'choice' ? (
        <HTMLSelect
          {...control}
          value={text}
          options={[...field.choices]}
          onChange={({ target }) => type(target.value)}
        />
      ) : input === 'lines' ? (
        <textarea
          {...control}
          className="jp-mod-styled"
          rows={3}
          spellCheck={false}
          value={text}
          onChange={({ target }) => type(target.value)}
        />
      ) : (
        <input
          {...control}
          className="jp-mod-styled"
          type="text"
          inputMode={input === 'count' ? 'numeric' : undefined}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={({ target }) => type(target.value)}
        />
      )}
      {notes}
    </div>
  );
}

type TicksProps = Readonly<{ field: IField; text: string; onType(text: string): void }>;

function Ticks({ field: { choices, pointer }, text, onType }: TicksProps) {
  const chosen = new Set(words(text));
  const toggle = (value: string) => {
    const next = new Set(chosen);
    if (!next.delete(value)) {
      next.add(value);
    }
    onType(
      choices
        .map(choice => choice.value)
        .filter(each => next.has(each))
        .join(' ')
    );
  };
  return (
    <div className="jp-Compute-row">
      {choices.map(({ value, label }, at) => (
        <label key={value} className="jp-Compute-tickLabel">
          <input
            type="checkbox"
            data-pointer={at === 0 ? pointer : undefined}
            checked={chosen.has(value)}
            onChange={() => toggle(value)}
          />
          {label}
        </label>
      ))}
    </div>
  );
}

interface IFieldProblemProps {
  readonly id: string;
  readonly text: string | undefined;
  readonly hint?: string;
  /** Null: there is none. */
  readonly wayOut?: WayOut | null;
  onWayOut(profile: string): void;
}

export function FieldProblem({ id, text, hint, wayOut, onWayOut }: IFieldProblemProps) {
  const trans = useTrans();
  return (
    <p id={id} className="jp-Compute-fieldProblem" role="alert">
      {[text, hint].filter(Boolean).join(' ')}
      {wayOut === null && ` ${trans.__('No other profile allows it.')}`}
      {wayOut && (
        <>
          {' '}
          <button
            type="button"
            className="jp-Compute-link"
            onClick={() => onWayOut(wayOut.profile)}
          >
            {wayOut.label}
          </button>
        </>
      )}
    </p>
  );
}
