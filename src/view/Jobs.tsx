import React, { useCallback, useMemo, useRef, useState } from 'react';

import type { JobsSnapshot } from '../tokens';
import { Announcer } from './Announcer';
import type { Chip } from './filter';
import { count, filter } from './filter';
import { JobGrid } from './JobGrid';
import type { IJobEvents } from './JobRow';
import { Empty, Loading, Offline, Trouble } from './Placeholders';
import { useTrans } from './translation';

export interface IJobsEvents extends IJobEvents {
  onMore(): void;
  onRefresh(): void;
  /** Absent where an example cannot be made. */
  onExample?: () => void;
}

export interface IJobsProps {
  readonly snapshot: JobsSnapshot;
  readonly events: IJobsEvents;
}

/** The list of jobs, or why there is none. */
export function Jobs({ snapshot, events }: IJobsProps) {
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
        <List snapshot={snapshot} events={events} onFocusLost={onFocusLost} />
      ) : (
        <Empty onExample={events.onExample} lostFocus={lost} />
      )}
      <Announcer jobs={jobs} />
    </>
  );
}

function List({ snapshot, events, onFocusLost }: IJobsProps & { onFocusLost(): void }) {
  const { jobs, counts, clusters, hasMore } = snapshot;
  const trans = useTrans();
  const [text, setText] = useState('');
  const [chip, setChip] = useState<Chip>('all');
  const shown = useMemo(() => filter(jobs, chip, text), [jobs, chip, text]);
  const chips: [Chip, string][] = [
    ['all', trans.__('All')],
    ['active', trans.__('Active')],
    ['failed', trans.__('Failed')]
  ];
  return (
    <>
      <div className="jp-Compute-find">
        <input
          type="search"
          className="jp-Compute-search"
          placeholder={trans.__('Search jobs')}
          aria-label={trans.__('Search jobs')}
          value={text}
          onChange={event => setText(event.target.value)}
        />
        <div role="group" aria-label={trans.__('Show')} className="jp-Compute-chips">
          {chips.map(([name, label]) => (
            <button
              key={name}
              type="button"
              className="jp-Compute-chip"
              aria-pressed={chip === name}
              onClick={() => setChip(name)}
            >
              {label} <span>{count(name, counts)}</span>
            </button>
          ))}
        </div>
      </div>
      <div className="jp-Compute-scroll">
        <JobGrid jobs={shown} clusters={clusters} events={events} onFocusLost={onFocusLost} />
        {shown.length === 0 && <p className="jp-Compute-none">{trans.__('No job matches.')}</p>}
        {hasMore && (
          <button type="button" className="jp-Compute-more" onClick={events.onMore}>
            {trans.__('Show older jobs')}
          </button>
        )}
      </div>
    </>
  );
}
