import { filterIcon } from '@jupyterlab/ui-components';
import React, { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import type { Job } from '../../api/types';
import type { IJobColumn, JobsSnapshot } from '../../tokens';
import { Announcer } from '../Announcer';
import { Empty, Loading, Offline, Trouble } from '../Placeholders';
import { Svg } from '../Svg';
import { useTrans } from '../translation';
import { BulkBar } from './BulkBar';
import { inOrder } from './columns';
import type { Chip, Filter, Query } from './filter';
import {
  columnOrder,
  count,
  EVERYTHING,
  isPlain,
  ORDERS,
  rows,
  select,
  settings,
  toFilter,
  upTo
} from './filter';
import { Filters } from './Filters';
import { JobGrid } from './JobGrid';
import type { IJobEvents } from './JobRow';

const TYPING_MS = 200;

/** A page of what the server found; the jobs themselves are in the snapshot by then. */
export type Page = Readonly<{ jobs: readonly Job[]; cursor: string | null }>;

export interface IJobsEvents extends IJobEvents {
  onMore(): Promise<void>;
  onRefresh(): void;
  /** Ask the server for older jobs than are here. It rejects with a `ComputeError`. */
  onSearch(filter: Filter, cursor: string | null): Promise<Page>;
  /** What the reader wants to see now; to be kept. */
  onQuery(query: Query): void;
  /** Absent where an example cannot be made. */
  onExample?: () => void;
}

export interface IJobsProps {
  readonly snapshot: JobsSnapshot;
  /** What other extensions say of each job. */
  readonly columns?: readonly IJobColumn[];
  readonly events: IJobsEvents;
  /** What the reader wanted to see last time. */
  readonly query?: Query;
  /** The notebook in front, if there is one. */
  readonly notebook?: string | null;
}

/** The list of jobs, or why there is none. */
export function Jobs(props: IJobsProps) {
  const { snapshot, events } = props;
  const { jobs, loaded, error } = snapshot;
  const lost = useRef(false);
  const onFocusLost = useCallback(() => {
    lost.current = true;
  }, []);
  if (!loaded) {
    return error ? <Trouble error={error} onRetry={events.onRefresh} /> : <Loading />;
  }
  return (
    <>
      {error && <Offline error={error} onRetry={events.onRefresh} />}
      {jobs.length ? (
        <List {...props} onFocusLost={onFocusLost} />
      ) : (
        <Empty onExample={events.onExample} lostFocus={lost} />
      )}
      <Announcer jobs={jobs} />
    </>
  );
}

function List({
  snapshot,
  events,
  onFocusLost,
  notebook,
  columns = NO_COLUMNS,
  ...given
}: IJobsProps & { onFocusLost(): void }) {
  const { jobs, counts, clusters } = snapshot;
  const trans = useTrans();
  const [wanted, setQuery] = useState(given.query ?? EVERYTHING);
  const column = columns.find(({ id, key }) => key && wanted.order === columnOrder(id));
  // Whoever added the column may be gone, or still to come.
  const query = useMemo<Query>(
    () =>
      column || ORDERS.some(order => order === wanted.order)
        ? wanted
        : { ...wanted, order: 'newest' },
    [wanted, column]
  );
  const [isOpen, setOpen] = useState(settings(query) > 0);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const older = useOlder(query, snapshot, events, column !== undefined);

  const shown = useMemo(() => {
    const found = select(jobs, query);
    if (column) {
      return inOrder(found, column, Date.now());
    }
    return older.last ? upTo(found, older.last, query) : found;
  }, [jobs, query, column, older.last]);
  const items = useMemo(() => rows(shown, query.grouped, folded), [shown, query.grouped, folded]);

  useEffect(() => {
    // What was forgotten or filtered away is not selected any more: nobody deletes what is not seen.
    setSelected(old => {
      const kept = old.size ? shown.filter(({ id }) => old.has(id)).map(({ id }) => id) : [];
      return kept.length === old.size ? old : new Set(kept);
    });
  }, [shown]);

  const change = (part: Partial<Query>) => {
    const next = Object.freeze({ ...wanted, ...part });
    setQuery(next);
    events.onQuery(next);
  };
  const onFold = useCallback((path: string) => {
    setFolded(old => {
      const next = new Set(old);
      return next.delete(path) ? next : next.add(path);
    });
  }, []);

  const chips: [Chip, string][] = [
    ['all', trans.__('All')],
    ['active', trans.__('Active')],
    ['failed', trans.__('Failed')]
  ];
  const set = settings(query);
  return (
    <>
      <div className="jp-Compute-find">
        <div className="jp-Compute-findLine">
          <input
            type="search"
            className="jp-Compute-search"
            placeholder={trans.__('Search jobs')}
            aria-label={trans.__('Search jobs')}
            value={query.text}
            onChange={event => change({ text: event.target.value })}
          />
          <button
            type="button"
            className="jp-Compute-filterButton"
            title={trans.__('Filter, sort and group')}
            aria-label={trans.__('Filter, sort and group')}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            <Svg icon={filterIcon} />
            {set > 0 && <span className="jp-Compute-filterCount">{set}</span>}
          </button>
        </div>
        <div role="group" aria-label={trans.__('Show')} className="jp-Compute-chips">
          {chips.map(([name, label]) => (
            <button
              key={name}
              type="button"
              className="jp-Compute-chip"
              aria-pressed={query.chip === name}
              onClick={() => change({ chip: name })}
            >
              {label} <span>{count(name, counts).toLocaleString()}</span>
            </button>
          ))}
        </div>
        {isOpen && (
          <Filters
            query={query}
            jobs={jobs}
            columns={columns}
            notebook={notebook ?? null}
            onChange={change}
          />
        )}
      </div>
      {selected.size > 0 && (
        <BulkBar
          jobs={shown.filter(({ id }) => selected.has(id))}
          events={events}
          onClear={() => setSelected(new Set())}
        />
      )}
      <JobGrid
        items={items}
        columns={columns}
        clusters={clusters}
        selected={selected}
        query={query}
        events={events}
        onSelect={setSelected}
        onFold={onFold}
        onEnd={older.onEnd}
        onFocusLost={onFocusLost}
      />
      {shown.length === 0 && !older.isAsking && (
        <p className="jp-Compute-none">
          {trans.__('No job matches.')}{' '}
          <button type="button" className="jp-Compute-link" onClick={() => change(EVERYTHING)}>
            {trans.__('Show all jobs')}
          </button>
        </p>
      )}
      {older.isAsking && (
        <p className="jp-Compute-asking" role="status">
          {trans.__('Loading older jobs…')}
        </p>
      )}
      {older.problem && (
        <p className="jp-Compute-asking" role="status">
          {trans.__('Older jobs could not be loaded.')}{' '}
          <button type="button" className="jp-Compute-link" onClick={older.onAgain}>
            {trans.__('Try again')}
          </button>
        </p>
      )}
    </>
  );
}

const NO_COLUMNS: readonly IJobColumn[] = [];

type Older = Readonly<{
  /** The last job without a gap before it; null: there is no gap. */
  last: Job | null;
  isAsking: boolean;
  problem: boolean;
  onEnd(): void;
  onAgain(): void;
}>;

type Found = Readonly<{ key: string; last: Job | null; cursor: string | null; problem: boolean }>;

/**
 * Jobs that are not here yet: the next page of the newest ones, or of what the query asks the server for.
 *
 * `isWhole`: one page after the other, because any of them may hold what comes first.
 */
function useOlder(
  query: Query,
  { hasMore, error }: JobsSnapshot,
  events: IJobsEvents,
  isWhole: boolean
): Older {
  const plain = isPlain(query);
  const filter = useMemo(() => toFilter(query), [query]);
  const key = plain ? '' : JSON.stringify(filter);
  const [found, setFound] = useState<Found | null>(null);
  const [isAsking, setAsking] = useState(false);
  const asked = useRef<string | null>(null);
  const here = found?.key === key ? found : null;

  const ask = useCallback(
    async (cursor: string | null) => {
      const question = `${key} ${cursor}`;
      if (asked.current === question) {
        return;
      }
      asked.current = question;
      setAsking(true);
      try {
        const page = await events.onSearch(filter, cursor);
        if (asked.current === question) {
          const last = page.cursor === null ? null : (page.jobs.at(-1) ?? null);
          setFound({ key, last, cursor: page.cursor, problem: false });
        }
      } catch {
        if (asked.current === question) {
          asked.current = null;
          setFound({ key, last: null, cursor, problem: true });
        }
      } finally {
        setAsking(false);
      }
    },
    [events, filter, key]
  );

  useEffect(() => {
    if (key) {
      // Not at every letter.
      const timer = setTimeout(() => void ask(null), TYPING_MS);
      return () => clearTimeout(timer);
    }
    // What was searched for is of no interest any more; a page that is on its way is.
    if (asked.current !== 'more') {
      asked.current = null;
    }
    return undefined;
  }, [ask, key]);

  const onEnd = useCallback(() => {
    if (plain && hasMore && asked.current !== 'more') {
      asked.current = 'more';
      setAsking(true);
      void events.onMore().finally(() => {
        asked.current = null;
        setAsking(false);
      });
    } else if (here?.cursor && !here.problem) {
      void ask(here.cursor);
    }
  }, [plain, hasMore, here, events, ask]);

  useEffect(() => {
    if (isWhole && !isAsking && !error) {
      onEnd();
    }
  }, [isWhole, isAsking, error, onEnd]);

  return {
    last: plain ? null : (here?.last ?? null),
    isAsking,
    problem: here?.problem ?? false,
    onEnd,
    onAgain: () => void ask(here?.cursor ?? null)
  };
}
