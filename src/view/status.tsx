import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { isActive } from '../api/states';
import type { Job, JobState } from '../api/types';
import type { JobsSnapshot } from '../tokens';
import { once } from './clicks';
import type { IStore } from './hooks';
import { useSnapshot } from './hooks';
import { computeIcon } from './icons';
import { Svg } from './Svg';
import { useTrans } from './translation';
import { clock } from './units';
import { ViewWidget } from './widget';
import { clusterTitle, isStale, problem } from './words';

/** What the status bar says, and the whole of it for who points at it. */
export type StatusLine = Readonly<{ text: string; detail: string; isStale: boolean }>;

type Counted = Readonly<Partial<Record<JobState, number>>>;

/** How many jobs are active, of all that the server knows. Null: none is. What is not fresh is never told as if it were. */
export function statusLine(snapshot: JobsSnapshot, trans: TranslationBundle): StatusLine | null {
  const { jobs, counts, error } = snapshot;
  const silent = jobs.filter(job => isActive(job.state) && isStale(job));
  const answering = minus(counts, count(silent));
  const fresh = inWords(answering, trans);
  if (error) {
    const was = inWords(counts, trans).join(', ');
    const why = problem(error, trans);
    const text = trans.__('was %1', was);
    return was ? { text, detail: `${why} · ${text}`, isStale: true } : null;
  }
  if (fresh.length + silent.length === 0) {
    return null;
  }
  const unsaid = silent.length ? [trans.__('%1 without word', silent.length)] : [];
  const lines = [fresh.join(', '), ...bySilence(silent, snapshot, trans)].filter(Boolean);
  return {
    text: [...fresh, ...unsaid].join(', '),
    detail: lines.join('\n'),
    isStale: fresh.length === 0
  };
}

function count(jobs: readonly Job[]): Counted {
  return jobs.reduce<Partial<Record<JobState, number>>>(
    (sum, { state }) => ({ ...sum, [state]: (sum[state] ?? 0) + 1 }),
    {}
  );
}

function minus(all: Counted, some: Counted): Counted {
  return Object.fromEntries(
    Object.entries(all).map(([state, number]) => [
      state,
      Math.max(0, number - (some[state as JobState] ?? 0))
    ])
  );
}

function inWords(counts: Counted, trans: TranslationBundle): string[] {
  const sum = (...states: JobState[]) =>
    states.reduce((total, state) => total + (counts[state] ?? 0), 0);
  const running = sum('running', 'completing');
  const queued = sum('submitting', 'queued');
  const held = sum('held');
  return [
    ...(running ? [trans.__('%1 running', running)] : []),
    ...(queued ? [trans.__('%1 queued', queued)] : []),
    ...(held ? [trans.__('%1 on hold', held)] : [])
  ];
}

/** One line for each scheduler that does not answer: since when, and what it said last. */
function bySilence(
  silent: readonly Job[],
  { clusters }: JobsSnapshot,
  trans: TranslationBundle
): string[] {
  return [...new Set(silent.map(({ cluster }) => cluster))].map(cluster => {
    const its = silent.filter(job => job.cluster === cluster);
    const since = its.map(job => job.stale_since ?? job.created_at).sort()[0];
    const title = clusterTitle(its[0], clusters);
    const was = trans.__('was %1', inWords(count(its), trans).join(', '));
    return `${trans.__('No word from %1 since %2', title, clock(since))} · ${was}`;
  });
}

/** The item in the status bar; it opens the panel. */
export function Status({ jobs, onOpen }: { jobs: IStore<JobsSnapshot>; onOpen(): void }) {
  const trans = useTrans();
  const line = statusLine(useSnapshot(jobs), trans);
  if (!line) {
    return null;
  }
  const { text, detail, isStale: isOld } = line;
  return (
    <button
      type="button"
      className="jp-Compute-statusButton"
      data-stale={isOld || undefined}
      title={detail === text ? trans.__('Compute: show the jobs') : detail}
      aria-label={trans.__('Compute: %1', text)}
      onClick={once(onOpen)}
    >
      <Svg icon={computeIcon} />
      <span>{text}</span>
    </button>
  );
}

export function statusWidget(
  trans: TranslationBundle,
  jobs: IStore<JobsSnapshot>,
  onOpen: () => void
): ViewWidget {
  return new ViewWidget(trans, () => <Status jobs={jobs} onOpen={onOpen} />, 'jp-Compute-status');
}
