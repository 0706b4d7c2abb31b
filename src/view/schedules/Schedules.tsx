import React, { useRef } from 'react';

import type { ComputeError } from '../../api/errors';
import type { Cluster, Schedule } from '../../api/types';
import { useHeir } from '../hooks';
import { Loading, Offline, Trouble } from '../Placeholders';
import { useTrans } from '../translation';
import type { IScheduleEvents } from './ScheduleRow';
import { ScheduleRow } from './ScheduleRow';

export interface ISchedulesEvents extends IScheduleEvents {
  onRefresh(): void;
}

export interface ISchedulesProps {
  readonly snapshot: Readonly<{
    schedules: readonly Schedule[];
    loaded: boolean;
    error: ComputeError | null;
  }>;
  readonly clusters: readonly Cluster[];
  readonly events: ISchedulesEvents;
  /** What people call a profile. */
  titleOf(profile: string): string;
}

/** The recurring runs, or why there are none to see. */
export function Schedules({ snapshot, clusters, events, titleOf }: ISchedulesProps) {
  const trans = useTrans();
  const { schedules, loaded, error } = snapshot;
  const section = useRef<HTMLElement>(null);
  // One that was deleted had the focus.
  const heir = useHeir(() => section.current);
  if (!loaded) {
    return error ? <Trouble error={error} onRetry={events.onRefresh} /> : <Loading />;
  }
  return (
    <section ref={section} tabIndex={-1} aria-label={trans.__('Schedules')} {...heir}>
      {error && <Offline error={error} onRetry={events.onRefresh} />}
      {schedules.length === 0 ? (
        <div className="jp-Compute-placeholder">
          <strong>{trans.__('No notebook runs on a schedule.')}</strong>
          <p>
            {trans.__(
              'Choose “Run on a schedule…” in the menu of a notebook’s Run button, or right-click a notebook in the file browser.'
            )}
          </p>
        </div>
      ) : (
        <>
          <ul className="jp-Compute-schedules">
            {schedules.map(schedule => (
              <ScheduleRow
                key={schedule.id}
                schedule={schedule}
                place={titleOf(schedule.request.profile)}
                clusters={clusters}
                events={events}
              />
            ))}
          </ul>
          <p className="jp-Compute-by" data-tone="quiet">
            {schedules.find(({ by }) => by.here)?.by.text}
          </p>
        </>
      )}
    </section>
  );
}
