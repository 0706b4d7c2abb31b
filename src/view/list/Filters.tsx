import React, { useId } from 'react';

import type { Job } from '../../api/types';
import type { IJobColumn } from '../../tokens';
import { useTrans } from '../translation';
import type { Order, Query } from './filter';
import { columnOrder, EVERYTHING } from './filter';

export interface IFiltersProps {
  readonly query: Query;
  /** What there is to choose from. */
  readonly jobs: readonly Job[];
  /** What other extensions say of each job. */
  readonly columns: readonly IJobColumn[];
  /** The notebook in front, if there is one. */
  readonly notebook: string | null;
  onChange(change: Partial<Query>): void;
}

/** By profile, notebook and day; the order; and whether notebooks stand above their jobs. */
export function Filters({ query, jobs, columns, notebook, onChange }: IFiltersProps) {
  const trans = useTrans();
  const orders: [Order, string][] = [
    ['newest', trans.__('Newest first')],
    ['oldest', trans.__('Oldest first')],
    ['name', trans.__('Name')],
    ['profile', trans.__('Profile')],
    ['state', trans.__('State')],
    ...columns
      .filter(({ key }) => key)
      .map(({ id, label }): [Order, string] => [columnOrder(id), label])
  ];
  const profiles = new Map(jobs.map(job => [job.profile, job.profile_title]));
  const paths = [
    ...new Set([...(notebook ? [notebook] : []), ...jobs.map(job => job.source.path)])
  ];
  const { profile, path, from, to, order, grouped } = query;
  const { text, chip } = query;
  return (
    <div role="group" aria-label={trans.__('Filters')} className="jp-Compute-filters">
      <Choice
        label={trans.__('Profile')}
        value={profile}
        options={[['', trans.__('Any')], ...withChosen([...profiles], profile)]}
        onChange={value => onChange({ profile: value })}
      />
      <Choice
        label={trans.__('Notebook')}
        value={path}
        options={[
          ['', trans.__('Any')],
          ...withChosen(
            paths.map(each => [each, each]),
            path
          )
        ]}
        onChange={value => onChange({ path: value })}
      />
      <Day label={trans.__('From')} value={from} onChange={value => onChange({ from: value })} />
      <Day label={trans.__('To')} value={to} onChange={value => onChange({ to: value })} />
      <Choice
        label={trans.__('Order')}
        value={order}
        options={orders}
        onChange={value => onChange({ order: value as Order })}
      />
      <div className="jp-Compute-filterLast">
        <label>
          <input
            type="checkbox"
            checked={grouped}
            onChange={event => onChange({ grouped: event.target.checked })}
          />
          {trans.__('Group by notebook')}
        </label>
        <button
          type="button"
          className="jp-Compute-link"
          onClick={() => onChange({ ...EVERYTHING, text, chip })}
        >
          {trans.__('Reset')}
        </button>
      </div>
    </div>
  );
}

type ChoiceProps = Readonly<{
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange(value: string): void;
}>;

function Choice({ label, value, options, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={event => onChange(event.target.value)}>
        {options.map(([name, title]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </>
  );
}

function Day({ label, value, onChange }: Omit<ChoiceProps, 'options'>) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input id={id} type="date" value={value} onChange={event => onChange(event.target.value)} />
    </>
  );
}

/** What was chosen stays a choice, also when no job that is here has it. */
function withChosen(options: [string, string][], chosen: string): [string, string][] {
  return !chosen || options.some(([name]) => name === chosen)
    ? options
    : [...options, [chosen, chosen]];
}
