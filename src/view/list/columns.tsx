import React from 'react';

import { isActive } from '../../api/states';
import type { Job } from '../../api/types';
import type { IJobColumn } from '../../tokens';
import { useNow } from '../hooks';

const SECOND_MS = 1000;

/** What a column says of a job. */
export type ColumnFact = Readonly<{
  id: string;
  label: string;
  text: string;
  caption: string;
}>;

/** What the columns say of the job now. They are the code of others: one that throws costs its own value only. */
export function factsOf(columns: readonly IJobColumn[], job: Job, now: number): ColumnFact[] {
  return columns.flatMap(column => {
    const { id, label } = column;
    try {
      // What others wrote in JavaScript may return anything.
      const text: unknown = column.text(job, now) ?? null;
      if (text === null) {
        return [];
      }
      if (typeof text !== 'string') {
        throw new TypeError(`The text of a column is a string or null, not ${typeof text}.`);
      }
      return { id, label, text, caption: String(column.caption?.(job, now) ?? '') };
    } catch (error) {
      return { id, label, text: '–', caption: String(error) };
    }
  });
}

/** The jobs in the order of a column's keys: numbers largest first, then texts, then what has none or no good one. */
export function inOrder(jobs: readonly Job[], column: IJobColumn, now: number): readonly Job[] {
  const keyOf = (job: Job): number | string | null => {
    try {
      const found = column.key?.(job, now) ?? null;
      return Number.isNaN(found) ? null : found;
    } catch {
      return null;
    }
  };
  const rank = (value: unknown) => ['number', 'string'].indexOf(typeof value) >>> 0;
  // Jobs of one key stay in the order in which they were.
  return jobs
    .map(job => ({ job, key: keyOf(job) }))
    .sort(({ key: a }, { key: b }) => {
      if (typeof a === 'number' && typeof b === 'number') {
        return b - a;
      }
      return typeof a === 'string' && typeof b === 'string'
        ? a.localeCompare(b)
        : rank(a) - rank(b);
    })
    .map(({ job }) => job);
}

export interface IColumnsProps {
  readonly columns: readonly IJobColumn[];
  readonly job: Job;
}

/** The line of a row that holds what the columns say. */
export function ColumnLine({ columns, job }: IColumnsProps) {
  const facts = useFacts({ columns, job });
  return facts.length === 0 ? null : (
    <span className="jp-Compute-jobColumns">
      {facts.map(({ id, label, text, caption }) => (
        <span key={id} data-column={id} title={caption || undefined}>
          {label} <b>{text}</b>
        </span>
      ))}
    </span>
  );
}

/** What the columns say of the job, as time goes by. */
export function useFacts({ columns, job }: IColumnsProps): ColumnFact[] {
  const now = useNow(columns.length > 0 && isActive(job.state) ? SECOND_MS : null);
  return factsOf(columns, job, now);
}
