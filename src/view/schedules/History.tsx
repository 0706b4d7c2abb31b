import React, { useEffect, useState } from 'react';

import type { Cluster, Job, MissedRun, Schedule } from '../../api/types';
import { useNow } from '../hooks';
import { StateIcon } from '../StateIcon';
import { useTrans } from '../translation';
import { fullTime } from '../units';
import { clusterTitle, problem, sentence, toneOf } from '../words';
import { toComputeError } from '../../api/errors';
import { missedWords } from './ends';
import type { IScheduleEvents } from './ScheduleRow';
import { dayAndTime } from './when';

const MINUTE_MS = 60_000;

interface IHistoryProps {
  readonly schedule: Schedule;
  readonly clusters: readonly Cluster[];
  readonly events: Pick<IScheduleEvents, 'history' | 'onOpenJob' | 'onOpenResult'>;
}

type Entry = Readonly<{ at: string; job?: Job; missed?: MissedRun }>;

/** All runs that are known, and those that were not to be: newest first. */
export function History({ schedule, clusters, events }: IHistoryProps) {
  const trans = useTrans();
  const now = useNow(MINUTE_MS);
  const [jobs, setJobs] = useState<readonly Job[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  // Another state of the schedule is another history: a run began, ended or was missed.
  useEffect(() => {
    let isWanted = true;
    events.history(schedule.id).then(
      found => {
        if (isWanted) {
          setJobs(found);
          setError(null);
        }
      },
      (reason: unknown) => isWanted && setError(reason)
    );
    return () => {
      isWanted = false;
    };
  }, [schedule, events]);
  if (error !== null) {
    return <p role="alert">{problem(toComputeError(error), trans)}</p>;
  }
  if (!jobs) {
    return <p role="status">{trans.__('Loading…')}</p>;
  }
  const entries: Entry[] = [
    ...jobs.map(job => ({ at: job.due_at ?? job.created_at, job })),
    ...schedule.missed.times.map(missed => ({ at: missed.due_at, missed }))
  ].sort((one, other) => other.at.localeCompare(one.at));
  if (entries.length === 0) {
    return <p data-tone="quiet">{trans.__('No runs yet.')}</p>;
  }
  return (
    <ul className="jp-Compute-runs">
      {entries.map(({ at, job, missed }) => (
        <li key={job?.id ?? at}>
          <span className="jp-Compute-runWhen" title={fullTime(at)}>
            {dayAndTime(at, now, trans)}
          </span>
          {job && <Run job={job} clusters={clusters} events={events} />}
          {missed && <span data-tone="waiting">{missedWords(missed, schedule, trans)}</span>}
        </li>
      ))}
    </ul>
  );
}

type RunProps = Readonly<{ job: Job; clusters: readonly Cluster[] }> &
  Pick<IHistoryProps, 'events'>;

function Run({ job, clusters, events }: RunProps) {
  const trans = useTrans();
  const { word, rest } = sentence(job, trans, clusterTitle(job, clusters));
  return (
    <>
      <StateIcon job={job} />
      <span className="jp-Compute-runWords">
        <span className="jp-Compute-word" data-tone={toneOf(job)}>
          {word}
        </span>
        {rest}
        {job.due_at === null && ` (${trans.__('asked for by hand')})`}
      </span>
      <button type="button" className="jp-Compute-link" onClick={() => events.onOpenJob(job.id)}>
        {trans.__('Open')}
      </button>
      {job.landed !== null && (
        <button
          type="button"
          className="jp-Compute-link"
          onClick={() => events.onOpenResult(job.id)}
        >
          {trans.__('Open result')}
        </button>
      )}
    </>
  );
}
