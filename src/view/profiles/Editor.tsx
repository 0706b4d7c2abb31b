import React, { useMemo, useRef, useState } from 'react';

import type { ComputeError } from '../../api/errors';
import { toComputeError } from '../../api/errors';
import type { Trial } from '../../api/types';
import { FieldRow } from '../form/FieldRow';
import type { Texts } from '../form/field';
import { useTrans } from '../translation';
import { problem } from '../words';
import type { Tried } from './Checks';
import { Checks } from './Checks';
import { readingsOf, settingsOf, textsOf } from './convert';
import type { Group } from './fields';
import { groupsOf, NAME_POINTER } from './fields';
import type { Settings } from './values';

export interface IEditorProps {
  readonly heading: string;
  readonly name: string;
  readonly settings: Settings;
  /** Kinds of schedulers that profiles name. */
  readonly types: readonly string[];
  /** Names of others. */
  readonly taken: ReadonlySet<string>;
  /** Rejects when it cannot be saved. */
  onSave(name: string, settings: Settings): Promise<void>;
  onLeave(): void;
  tryOut(name: string, settings: Settings): Promise<Trial>;
}

/** The form of one profile of mine. */
export function Editor(props: IEditorProps) {
  const { heading, name, settings, types, taken, onSave, onLeave, tryOut } = props;
  const trans = useTrans();
  const groups = useMemo(() => groupsOf(types, taken, trans), [types, taken, trans]);
  const [texts, setTexts] = useState<Texts>(() => textsOf(name, settings, groups));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [tried, setTried] = useState<Tried | undefined>();
  const [error, setError] = useState<ComputeError | null>(null);
  const form = useRef<HTMLDivElement>(null);
  const turn = useRef(0);
  const readings = readingsOf(texts, groups, trans);
  const type = (pointer: string, text: string) => {
    setTexts({ ...texts, [pointer]: text });
    // What was found out is about other words.
    turn.current++;
    setTried(undefined);
  };
  /** What is written, unless something is wrong with it: then the one who writes is brought there. */
  const written = () => {
    const faulty = [...readings].find(([, reading]) => reading.problem !== undefined)?.[0];
    if (faulty === undefined) {
      return { name: texts[NAME_POINTER].trim(), settings: settingsOf(settings, readings) };
    }
    setLeft(new Set(readings.keys()));
    const field = [...(form.current?.querySelectorAll<HTMLElement>('[data-pointer]') ?? [])].find(
      each => each.dataset.pointer === faulty
    );
    field?.closest('details')?.setAttribute('open', '');
    field?.focus();
    return null;
  };
  const save = async () => {
    const made = written();
    if (made) {
      setError(null);
      await onSave(made.name, made.settings).catch((e: unknown) => setError(toComputeError(e)));
    }
  };
  const test = async () => {
    const made = written();
    if (made) {
      const mine = ++turn.current;
      setTried(null);
      const next = await tryOut(made.name, made.settings).then(
        trial => ({ trial }),
        (e: unknown) => ({ error: toComputeError(e) })
      );
      if (mine === turn.current) {
        setTried(next);
      }
    }
  };
  const rows = ({ fields }: Group) =>
    fields.map(field => (
      <FieldRow
        key={field.pointer}
        field={field}
        text={texts[field.pointer] ?? field.initial}
        reading={readings.get(field.pointer) ?? {}}
        isLeft={left.has(field.pointer)}
        problem={null}
        events={{
          onType: type,
          onLeave: pointer => setLeft(known => new Set([...known, pointer])),
          onWayOut: () => undefined
        }}
      />
    ));
  return (
    <div ref={form} className="jp-Compute-form jp-Compute-profileEditor">
      <h3>{heading}</h3>
      {groups.map(group =>
        group.isFolded ? (
          <details key={group.title} className="jp-Compute-further">
            <summary>{group.title}</summary>
            {group.help && <p>{group.help}</p>}
            <div className="jp-Compute-fields">{rows(group)}</div>
          </details>
        ) : (
          <fieldset key={group.title} className="jp-Compute-group">
            <legend>{group.title}</legend>
            {group.help && <p>{group.help}</p>}
            <div
              className="jp-Compute-fields"
              data-columns={group.fields[0].section === 'resources' ? 3 : undefined}
            >
              {rows(group)}
            </div>
          </fieldset>
        )
      )}
      {tried !== undefined && <Checks tried={tried} />}
      {error && (
        <p className="jp-Compute-fieldProblem" role="alert">
          {trans.__('It was not saved.')} {problem(error, trans)}
        </p>
      )}
      <div
        className="jp-Compute-profileButtons"
        // A field that is left says what is wrong with it, and the button would move away from under the mouse.
        onMouseDown={event => event.preventDefault()}
      >
        <button type="button" className="jp-Compute-button" onClick={() => void test()}>
          {trans.__('Test this profile')}
        </button>
        <span />
        <button type="button" className="jp-Compute-button" onClick={onLeave}>
          {trans.__('Cancel')}
        </button>
        <button
          type="button"
          className="jp-Compute-button"
          data-primary
          onClick={() => void save()}
        >
          {trans.__('Save profile')}
        </button>
      </div>
    </div>
  );
}
