import { HTMLSelect } from '@jupyterlab/ui-components';
import React, { useEffect, useId, useRef, useState } from 'react';

import type { Profile } from '../../api/types';
import type { Code } from '../../notebook/source';
import { useSnapshot } from '../hooks';
import { ProfileFacts } from '../ProfileFacts';
import { useTrans } from '../translation';
import { BeforeChoice, firstLine } from './BeforeChoice';
import type { Section } from './field';
import { FieldProblem, FieldRow } from './FieldRow';
import type { IFieldEvents } from './FieldRow';
import { PreviewView } from './PreviewView';
import type { FormSnapshot, FormState } from './state';
import { BEFORE } from './state';

type Props = Readonly<{
  state: FormState<unknown>;
  /** It is in the page for the first time. */
  onDrawn(): void;
}>;

/** Everything one may say of a run, or what would be sent. */
export function RunForm({ state, onDrawn }: Props) {
  const snapshot = useSnapshot(state);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- once
  useEffect(onDrawn, []);
  const { preview } = snapshot;
  const { around, cells } = state.options;
  return (
    <div className="jp-Compute-form" aria-busy={snapshot.isBusy}>
      {preview ? (
        <PreviewView
          preview={preview}
          cells={cells}
          missing={<Missing state={state} snapshot={snapshot} />}
          kind={around.kind}
        />
      ) : (
        <Fields state={state} snapshot={snapshot} />
      )}
    </div>
  );
}

type PartProps = Readonly<{ state: FormState<unknown>; snapshot: FormSnapshot }>;

function Fields({ state, snapshot }: PartProps) {
  const trans = useTrans();
  const { note, around } = state.options;
  return (
    <>
      {note && <p className="jp-Compute-note">{note}</p>}
      <Whole state={state} snapshot={snapshot} />
      <Place state={state} snapshot={snapshot} />
      {around.kind === 'cells' && <BeforeThem state={state} snapshot={snapshot} />}
      <Missing state={state} snapshot={snapshot} />
      <Group state={state} snapshot={snapshot} section="resources" />
      <Group
        state={state}
        snapshot={snapshot}
        section="parameters"
        title={trans.__('Parameters')}
      />
      <More state={state} snapshot={snapshot} />
    </>
  );
}

/** What the server says that is about no field. */
function Whole({ state, snapshot: { problem } }: PartProps) {
  const id = useId();
  return problem && problem.pointer === null ? (
    <FieldProblem
      id={id}
      text={problem.text}
      hint={problem.hint}
      onWayOut={name => state.choose(name)}
    />
  ) : null;
}

function Place({ state, snapshot }: PartProps) {
  const trans = useTrans();
  const id = useId();
  const { profile, problem } = snapshot;
  const own = problem?.pointer === '/profile' ? problem : null;
  const title = ({ title, available }: Profile) =>
    available.ok ? title : trans.__('%1 (takes no jobs now)', title);
  return (
    <div className="jp-Compute-field">
      <label htmlFor={id} className="jp-Compute-fieldLabel">
        {trans.__('Profile')}
      </label>
      <HTMLSelect
        id={id}
        data-pointer="/profile"
        aria-describedby={[`${id}-facts`, own && `${id}-problem`].filter(Boolean).join(' ')}
        aria-invalid={own !== null || undefined}
        value={profile.name}
        options={state.options.profiles.map(each => ({ value: each.name, label: title(each) }))}
        onChange={({ target }) => state.choose(target.value)}
      />
      <div id={`${id}-facts`}>
        <ProfileFacts profile={profile} />
      </div>
      {own && (
        <FieldProblem
          id={`${id}-problem`}
          text={own.text}
          hint={own.hint}
          onWayOut={name => state.choose(name)}
        />
      )}
    </div>
  );
}

function BeforeThem({ state, snapshot: { before, ids, problem } }: PartProps) {
  const trans = useTrans();
  const id = useId();
  const { cells, chosen, needed } = state.options;
  const own = problem?.pointer === BEFORE ? problem : null;
  return (
    <div className="jp-Compute-before" data-pointer={BEFORE}>
      <BeforeChoice
        cells={above(cells, chosen)}
        reasons={needed?.reasons ?? new Map<string, string[]>()}
        before={before}
        ids={ids}
        trans={trans}
        onChange={(next, more) => state.prepare(next, more)}
      />
      {own && (
        <FieldProblem
          id={id}
          text={own.text}
          hint={own.hint}
          onWayOut={name => state.choose(name)}
        />
      )}
    </div>
  );
}

/** The code cells above the last chosen one, without the chosen ones and empty ones. */
function above(cells: readonly Code[], chosen: readonly string[]): Code[] {
  const wanted = new Set(chosen);
  const last = cells.map(({ id }) => wanted.has(id)).lastIndexOf(true);
  return cells
    .slice(0, Math.max(last, 0))
    .filter(({ id, source }) => !wanted.has(id) && source.trim() !== '');
}

/** Names that would be missed: said before the run ends in a NameError. */
function Missing({ state, snapshot: { missing } }: PartProps) {
  const trans = useTrans();
  const { cells } = state.options;
  const lineOf = (id: string) => firstLine(cells.find(cell => cell.id === id)?.source ?? '');
  const nowhere = missing.filter(({ givenBy }) => givenBy === null).map(({ name }) => name);
  return (
    <div className="jp-Compute-missing" role="status">
      {nowhere.length > 0 && (
        <p className="jp-Compute-warning">
          {trans._n(
            '%2 is defined in no cell above.',
            '%2 are defined in no cell above.',
            nowhere.length,
            listed(nowhere)
          )}
        </p>
      )}
      {missing.map(
        ({ name, givenBy }) =>
          givenBy !== null && (
            <p key={name} className="jp-Compute-warning">
              {trans.__(
                '%1 is defined in a cell that would not run: %2',
                listed([name]),
                lineOf(givenBy)
              )}{' '}
              <button
                type="button"
                className="jp-Compute-link"
                onClick={() => state.include(givenBy)}
              >
                {trans.__('Run it first')}
              </button>
            </p>
          )
      )}
    </div>
  );
}

const MOST_NAMES = 6;

function listed(names: readonly string[]): string {
  const some = names.slice(0, MOST_NAMES).map(name => `“${name}”`);
  return names.length > MOST_NAMES ? `${some.join(', ')}, …` : some.join(', ');
}

type GroupProps = PartProps & Readonly<{ section: Section; title?: string }>;

function Group({ state, snapshot, section, title }: GroupProps) {
  const { fields, texts, readings, left, hasTried, problem } = snapshot;
  const events: IFieldEvents = {
    onType: (pointer, text) => state.type(pointer, text),
    onLeave: pointer => state.leave(pointer),
    onWayOut: name => state.choose(name)
  };
  const rows = fields
    .filter(field => field.section === section)
    .map(field => (
      <FieldRow
        key={field.pointer}
        field={field}
        text={texts[field.pointer]}
        reading={readings[field.pointer]}
        isLeft={hasTried || left.has(field.pointer)}
        problem={problem?.pointer === field.pointer ? problem : null}
        events={events}
      />
    ));
  if (rows.length === 0) {
    return null;
  }
  return title ? (
    <fieldset className="jp-Compute-group">
      <legend>{title}</legend>
      <div className="jp-Compute-fields">{rows}</div>
    </fieldset>
  ) : (
    <div className="jp-Compute-fields">{rows}</div>
  );
}

/** What most runs leave as it is; open where something else stands there, or is wrong. */
function More({ state, snapshot }: PartProps) {
  const trans = useTrans();
  const { fields, texts } = snapshot;
  const faulty = new Set(state.faulty);
  const further = fields.filter(({ section }) => section === 'more');
  const isOther = further.some(({ pointer, initial }) => texts[pointer] !== initial);
  const [isOpen, setOpen] = useState(isOther);
  const isFaulty = further.some(({ pointer }) => faulty.has(pointer));
  const opened = useRef(isFaulty);
  useEffect(() => {
    if (isFaulty && !opened.current) {
      setOpen(true);
    }
    opened.current = isFaulty;
  }, [isFaulty]);
  return (
    <details
      className="jp-Compute-further"
      open={isOpen || isFaulty}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{trans.__('More options')}</summary>
      <Group state={state} snapshot={snapshot} section="more" />
    </details>
  );
}
