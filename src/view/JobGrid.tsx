import React, { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

import type { Cluster, Job } from '../api/types';
import { useHeir } from './hooks';
import type { IJobEvents } from './JobRow';
import { JobRow } from './JobRow';
import { useTrans } from './translation';
import { clusterTitle } from './words';

export interface IJobGridProps {
  readonly jobs: readonly Job[];
  readonly clusters: readonly Cluster[];
  readonly events: IJobEvents;
  /** It is taken out of the page, and the focus was in it. */
  onFocusLost?(): void;
}

/**
 * The rows, one of which has the focus.
 *
 * A grid rather than a list box, because a row holds buttons: Up and Down move, Enter opens, Space selects, Delete asks.
 */
export function JobGrid({ jobs, clusters, events, onFocusLost }: IJobGridProps) {
  const trans = useTrans();
  const grid = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const current = jobs.some(({ id }) => id === focused) ? focused : (jobs[0]?.id ?? null);

  const rowOf = (id: string | undefined) =>
    grid.current?.querySelector<HTMLElement>(`[role="row"][data-id="${id}"]`);
  const before = useRef(jobs);
  const heir = useHeir(() => rowOf(nearest(before.current, jobs, focused)) ?? grid.current);
  useLayoutEffect(() => {
    before.current = jobs;
  }, [jobs]);
  useLayoutEffect(() => {
    const { current: node } = grid;
    return () => {
      if (node?.contains(document.activeElement)) {
        onFocusLost?.();
      }
    };
  }, [onFocusLost]);

  useEffect(() => {
    // What was forgotten or filtered away is not selected any more: nobody deletes what is not seen.
    setSelected(old => {
      const kept = jobs.filter(({ id }) => old.has(id)).map(({ id }) => id);
      return kept.length === old.size ? old : new Set(kept);
    });
  }, [jobs]);

  const toggle = useCallback((id: string) => {
    setSelected(old => {
      const next = new Set(old);
      return next.delete(id) ? next : next.add(id);
    });
  }, []);

  const { onOpen } = events;
  const onPick = useCallback(
    (id: string, event: React.MouseEvent) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) {
        toggle(id);
      } else {
        setSelected(old => (old.size ? new Set() : old));
        onOpen(id);
      }
    },
    [onOpen, toggle]
  );

  const move = (step: (index: number) => number) => {
    const rows = grid.current?.querySelectorAll<HTMLElement>('[role="row"]') ?? [];
    const index = jobs.findIndex(({ id }) => id === current);
    rows[Math.max(0, Math.min(step(index), rows.length - 1))]?.focus();
  };

  const keys: Readonly<Record<string, (id: string) => void>> = {
    ArrowDown: () => move(index => index + 1),
    ArrowUp: () => move(index => index - 1),
    Home: () => move(() => 0),
    End: () => move(() => jobs.length - 1),
    Enter: onOpen,
    ' ': toggle,
    Escape: () => setSelected(new Set()),
    Delete: id => events.onDelete(selected.has(id) ? [...selected] : [id])
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const isRow = (event.target as HTMLElement).getAttribute('role') === 'row';
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (isRow && act && current !== null && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      act(current);
    }
  };

  return (
    <div
      role="grid"
      ref={grid}
      className="jp-Compute-jobGrid"
      aria-label={trans.__('Jobs')}
      aria-multiselectable="true"
      aria-rowcount={jobs.length}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      {...heir}
    >
      {jobs.map(job => (
        <JobRow
          key={job.id}
          job={job}
          cluster={clusterTitle(job, clusters)}
          isCurrent={job.id === current}
          isSelected={selected.has(job.id)}
          events={events}
          onPick={onPick}
          onFocus={setFocused}
        />
      ))}
    </div>
  );
}

/** Of the jobs there are now: the one itself, else the one that came after it, else the one before. */
function nearest(
  before: readonly Job[],
  now: readonly Job[],
  id: string | null
): string | undefined {
  const ids = new Set(now.map(job => job.id));
  const at = before.findIndex(job => job.id === id);
  const order = [...before.slice(Math.max(at, 0)), ...before.slice(0, Math.max(at, 0)).reverse()];
  return order.find(job => ids.has(job.id))?.id;
}
