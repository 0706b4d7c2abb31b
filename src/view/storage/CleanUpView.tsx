import React, { useId, useMemo, useState } from 'react';

import type { CleanUpResult, Storage } from '../../api/types';
import { FieldRow } from '../form/FieldRow';
import type { Texts } from '../form/field';
import { useSnapshot } from '../hooks';
import { useTrans } from '../translation';
import { problem } from '../words';
import { firstTexts, limitFields, limitsOf, size } from './limits';
import type { CleanUp, Progress } from './state';

export interface ICleanUpViewProps {
  readonly state: CleanUp;
  /** Shows the settings that keep it clean by themselves. */
  onSettings(): void;
}

/** What run folders take, what is to be kept of them, and what would go. */
export function CleanUpView({ state, onSettings }: ICleanUpViewProps) {
  const trans = useTrans();
  const { storage, plan, progress, isDeleting, error } = useSnapshot(state);
  return (
    <div className="jp-Compute-form jp-Compute-cleanUp">
      {storage ? (
        <>
          <Taken storage={storage} />
          <Wish state={state} storage={storage} isDisabled={isDeleting} />
        </>
      ) : (
        !error && <p>{trans.__('Measuring…')}</p>
      )}
      <div className="jp-Compute-plan" role="status">
        {progress ? (
          <Done progress={progress} isDeleting={isDeleting} />
        ) : (
          plan && <Plan plan={plan} isMeasured={storage?.measured === storage?.jobs} />
        )}
      </div>
      {error && (
        <p className="jp-Compute-fieldProblem" role="alert">
          {[problem(error, trans), error.hint].filter(Boolean).join(' ')}
        </p>
      )}
      <p>
        {trans.__('Old jobs can also go by themselves, once an hour.')}{' '}
        <button type="button" className="jp-Compute-link" onClick={onSettings}>
          {trans.__('Settings: how long jobs are kept')}
        </button>
      </p>
    </div>
  );
}

function Taken({ storage }: { storage: Storage }) {
  const trans = useTrans();
  const { jobs, measured, ended, largest, notebooks } = storage;
  return (
    <section aria-label={trans.__('What run folders take')}>
      <p className="jp-Compute-taken">
        <b>{size(storage.bytes)}</b>{' '}
        {trans._n('in the run folder of %1 job', 'in the run folders of %1 jobs', jobs)}
        {' · '}
        {trans._n(
          '%1 has ended and takes %2',
          '%1 have ended and take %2',
          ended.jobs,
          size(ended.bytes)
        )}
      </p>
      {measured < jobs && (
        <p>
          <progress value={measured} max={jobs} aria-label={trans.__('Measured so far')} />{' '}
          {trans.__('%1 of %2 jobs measured so far', measured, jobs)}
        </p>
      )}
      {jobs > 0 && (
        <details className="jp-Compute-further">
          <summary>{trans.__('By notebook, and the largest')}</summary>
          <div className="jp-Compute-sizes">
            <Sizes
              title={trans.__('Notebook')}
              rows={notebooks.map(({ path, jobs: count, bytes }) => ({
                key: path,
                name: path,
                more: trans._n('%1 job', '%1 jobs', count),
                bytes
              }))}
            />
            <Sizes
              title={trans.__('Job')}
              rows={largest.map(({ id, name, bytes }) => ({ key: id, name, more: '', bytes }))}
            />
          </div>
        </details>
      )}
    </section>
  );
}

type Row = Readonly<{ key: string; name: string; more: string; bytes: number }>;

function Sizes({ title, rows }: { title: string; rows: readonly Row[] }) {
  const trans = useTrans();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">{trans.__('On disk')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, more, bytes }) => (
          <tr key={key}>
            <td title={name}>
              {name} {more && <small>{more}</small>}
            </td>
            <td>{size(bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type WishProps = Readonly<{ state: CleanUp; storage: Storage; isDisabled: boolean }>;

function Wish({ state, storage, isDisabled }: WishProps) {
  const trans = useTrans();
  const id = useId();
  const fields = useMemo(() => limitFields(trans), [trans]);
  const [texts, setTexts] = useState<Texts>(() => firstTexts(storage));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [isEven, setEven] = useState(false);
  const look = (next: Texts, even: boolean) => void state.look(limitsOf(fields, next, even));
  const type = (pointer: string, text: string) => {
    const next = { ...texts, [pointer]: text };
    setTexts(next);
    look(next, isEven);
  };
  return (
    <fieldset className="jp-Compute-group" disabled={isDisabled}>
      <legend>{trans.__('What to keep of ended jobs')}</legend>
      <p>{trans.__('A job goes with its files when any of these says so. Others stay.')}</p>
      <div className="jp-Compute-fields">
        {fields.map(field => {
          const text = texts[field.pointer] ?? '';
          return (
            <FieldRow
              key={field.pointer}
              field={field}
              text={text}
              reading={field.read(text)}
              isLeft={left.has(field.pointer)}
              problem={null}
              events={{
                onType: type,
                onLeave: pointer => setLeft(new Set([...left, pointer])),
                onWayOut: () => undefined
              }}
            />
          );
        })}
      </div>
      <div className="jp-Compute-field" data-input="tick">
        <label className="jp-Compute-tickLabel">
          <input
            type="checkbox"
            aria-describedby={id}
            checked={isEven}
            onChange={({ target }) => {
              setEven(target.checked);
              look(texts, target.checked);
            }}
          />
          {trans.__('Also those whose results are nowhere else')}
        </label>
        <p id={id} className="jp-Compute-fieldHint">
          {storage.only_copies === 0
            ? trans.__('There are none now: notebooks have the outputs of all ended jobs.')
            : trans._n(
                'The outputs of %1 ended job lie only in its run folder: no notebook has them. Deleted there, they are gone for good.',
                'The outputs of %1 ended jobs lie only in their run folders: no notebook has them. Deleted there, they are gone for good.',
                storage.only_copies
              )}
        </p>
      </div>
    </fieldset>
  );
}

type PlanProps = Readonly<{ plan: CleanUpResult; isMeasured: boolean }>;

function Plan({ plan: { jobs, bytes, spared }, isMeasured }: PlanProps) {
  const trans = useTrans();
  const room = isMeasured ? size(bytes) : trans.__('%1 or more', size(bytes));
  return (
    <p>
      {jobs === 0
        ? trans.__('Nothing would go.')
        : trans._n('%1 job, %2 would go.', '%1 jobs, %2 would go.', jobs, room)}
      {spared > 0 && ' '}
      {spared > 0 &&
        trans._n(
          '%1 stays because its results are nowhere else.',
          '%1 stay because their results are nowhere else.',
          spared
        )}
    </p>
  );
}

type DoneProps = Readonly<{ progress: Progress; isDeleting: boolean }>;

function Done({ progress: { jobs, bytes, of }, isDeleting }: DoneProps) {
  const trans = useTrans();
  const gone = trans._n('%1 job is deleted: %2.', '%1 jobs are deleted: %2.', jobs, size(bytes));
  if (!isDeleting) {
    const rest = of - jobs;
    const kept = trans._n(
      '%1 is still there: it was stopped before, or could not be deleted.',
      '%1 are still there: it was stopped before, or they could not be deleted.',
      rest
    );
    return <p>{rest > 0 ? `${gone} ${kept}` : gone}</p>;
  }
  return (
    <p>
      <progress value={jobs} max={of} aria-label={trans.__('Deleted so far')} />{' '}
      {trans.__('%1 of %2 jobs are deleted…', jobs, of)}
    </p>
  );
}
