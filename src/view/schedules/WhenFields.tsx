import { HTMLSelect } from '@jupyterlab/ui-components';
import React, { useId, useMemo } from 'react';

import { useSnapshot } from '../hooks';
import { useTrans } from '../translation';
import type { WhenSnapshot, WhenState } from './state';
import type { Repeat, When } from './when';
import { dayAndTime, ownZone, weekdays, whenWords, zones } from './when';

const SHOWN = 3;
const DAYS = 31;

type Props = Readonly<{ state: WhenState }>;

/** When it runs, above what one may say of any run. */
export function WhenFields({ state }: Props) {
  const trans = useTrans();
  const snapshot = useSnapshot(state);
  const { name, when, timezone, notebook, catchUp, overlap, problem } = snapshot;
  const id = useId();
  const known = useMemo(zones, []);
  const repeats: [Repeat, string][] = [
    ['hour', trans.__('Every hour')],
    ['day', trans.__('Every day')],
    ['weekday', trans.__('Every weekday')],
    ['week', trans.__('Every week')],
    ['month', trans.__('Every month')],
    ['custom', trans.__('As a cron expression says')]
  ];
  const choose = (change: Partial<When>) => state.choose({ when: { ...when, ...change } });
  const isWrongZone = problem?.pointer === '/timezone';
  return (
    <div className="jp-Compute-form jp-Compute-when">
      <Field id={`${id}-name`} label={trans.__('Name')}>
        <input
          id={`${id}-name`}
          className="jp-mod-styled"
          type="text"
          maxLength={200}
          value={name}
          onChange={({ target }) => state.choose({ name: target.value })}
        />
      </Field>
      <div className="jp-Compute-whenRow">
        <Field id={`${id}-repeat`} label={trans.__('Repeat')}>
          <HTMLSelect
            id={`${id}-repeat`}
            value={when.repeat}
            options={repeats.map(([value, label]) => ({ value, label }))}
            onChange={({ target }) => choose({ repeat: target.value as Repeat })}
          />
        </Field>
        <Details id={id} when={when} isWrong={problem?.pointer === '/cron'} onChoose={choose} />
        <Field id={`${id}-zone`} label={trans.__('Time zone')}>
          <input
            id={`${id}-zone`}
            className="jp-mod-styled"
            type="text"
            list={`${id}-zones`}
            aria-invalid={isWrongZone || undefined}
            aria-describedby={`${id}-next`}
            value={timezone}
            spellCheck={false}
            onChange={({ target }) => state.choose({ timezone: target.value.trim() })}
          />
          <datalist id={`${id}-zones`}>
            {known.map(zone => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </Field>
      </div>
      <Meaning id={`${id}-next`} snapshot={snapshot} />
      <div className="jp-Compute-whenRow">
        <Field id={`${id}-notebook`} label={trans.__('Notebook')}>
          <HTMLSelect
            id={`${id}-notebook`}
            value={notebook}
            options={[
              { value: 'saved', label: trans.__('As it is saved when it runs') },
              { value: 'snapshot', label: trans.__('As it is saved now') }
            ]}
            onChange={({ target }) =>
              state.choose({ notebook: target.value as WhenSnapshot['notebook'] })
            }
          />
        </Field>
        <Field id={`${id}-overlap`} label={trans.__('If the run before goes on')}>
          <HTMLSelect
            id={`${id}-overlap`}
            value={overlap}
            options={[
              { value: 'skip', label: trans.__('Leave this one out') },
              { value: 'run', label: trans.__('Run both') }
            ]}
            onChange={({ target }) =>
              state.choose({ overlap: target.value as WhenSnapshot['overlap'] })
            }
          />
        </Field>
      </div>
      <label className="jp-Compute-tickLabel">
        <input
          type="checkbox"
          checked={catchUp}
          onChange={({ target }) => state.choose({ catchUp: target.checked })}
        />
        {trans.__('After an absence, make up for the newest run that was missed')}
      </label>
      <p className="jp-Compute-fieldHint">
        {trans.__(
          'In parameters and in the name of the executed copy, %1 stand for the moment when the run was due.',
          '{date} {time} {due}'
        )}
      </p>
    </div>
  );
}

type FieldProps = Readonly<{ id: string; label: string; children: React.ReactNode }>;

function Field({ id, label, children }: FieldProps) {
  return (
    <div className="jp-Compute-field">
      <label htmlFor={id} className="jp-Compute-fieldLabel">
        {label}
      </label>
      {children}
    </div>
  );
}

type DetailsProps = Readonly<{
  id: string;
  when: When;
  isWrong: boolean;
  onChoose(change: Partial<When>): void;
}>;

/** What the choice leaves open. */
function Details({ id, when, isWrong, onChoose }: DetailsProps) {
  const trans = useTrans();
  const { repeat, minute, time, weekday, day, cron } = when;
  const days = [...Array(DAYS).keys()].map(at => String(at + 1));
  return (
    <>
      {repeat === 'hour' && (
        <Field id={`${id}-minute`} label={trans.__('Minutes past')}>
          <input
            id={`${id}-minute`}
            className="jp-mod-styled"
            type="number"
            min={0}
            max={59}
            value={minute}
            onChange={({ target }) => onChoose({ minute: Number(target.value) })}
          />
        </Field>
      )}
      {repeat === 'week' && (
        <Field id={`${id}-weekday`} label={trans.__('On')}>
          <HTMLSelect
            id={`${id}-weekday`}
            value={String(weekday)}
            options={weekdays().map((label, at) => ({ value: String(at), label }))}
            onChange={({ target }) => onChoose({ weekday: Number(target.value) })}
          />
        </Field>
      )}
      {repeat === 'month' && (
        <Field id={`${id}-day`} label={trans.__('On day')}>
          <HTMLSelect
            id={`${id}-day`}
            value={day}
            options={[
              ...days.map(value => ({ value, label: value })),
              { value: 'L', label: trans.__('the last') }
            ]}
            onChange={({ target }) => onChoose({ day: target.value })}
          />
        </Field>
      )}
      {repeat === 'custom' ? (
        <Field id={`${id}-cron`} label={trans.__('Cron expression')}>
          <input
            id={`${id}-cron`}
            className="jp-mod-styled"
            type="text"
            maxLength={200}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={isWrong || undefined}
            aria-describedby={`${id}-next`}
            value={cron}
            onChange={({ target }) => onChoose({ cron: target.value })}
          />
        </Field>
      ) : (
        repeat !== 'hour' && (
          <Field id={`${id}-time`} label={trans.__('At')}>
            <input
              id={`${id}-time`}
              className="jp-mod-styled"
              type="time"
              value={time}
              onChange={({ target }) => onChoose({ time: target.value })}
            />
          </Field>
        )
      )}
    </>
  );
}

/** What it means and when that is, or what is wrong with it; and who sees to it. */
function Meaning({ id, snapshot }: { id: string; snapshot: WhenSnapshot }) {
  const trans = useTrans();
  const { times, problem, timezone, when } = snapshot;
  const now = Date.now();
  const hasWords = when.repeat === 'custom' && times !== null;
  return (
    <div id={id} className="jp-Compute-meaning" role="status">
      {problem && <p className="jp-Compute-fieldProblem">{problem.text}</p>}
      {hasWords && <p>{whenWords(times.cron, times.words, trans)}</p>}
      {times && (
        <>
          <p>
            {trans.__(
              'Next runs: %1',
              times.next
                .slice(0, SHOWN)
                .map(time => dayAndTime(time, now, trans))
                .join(', ')
            )}
            {timezone !== ownZone() && ` ${trans.__('(in your time)')}`}
          </p>
          <p className="jp-Compute-fieldHint">{times.by.text}</p>
        </>
      )}
    </div>
  );
}
