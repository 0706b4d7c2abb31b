import React, { useId, useState } from 'react';

import type { Cluster, Job, MissedRun, Schedule } from '../../api/types';
import { once } from '../clicks';
import { useNow } from '../hooks';
import { useTrans } from '../translation';
import { fullTime } from '../units';
import { sentenceOf } from './ends';
import { History } from './History';
import { dayAndTime, ownZone, whenWords } from './when';

const MINUTE_MS = 60_000;

export interface IScheduleEvents {
  onRun(id: string): void;
  onPause(id: string): void;
  onResume(id: string): void;
  onEdit(id: string): void;
  onDelete(id: string): void;
  onOpenJob(id: string): void;
  onOpenResult(id: string): void;
  onOpenNotebook(path: string): void;
  /** Its newest jobs, newest first. */
  history(id: string): Promise<Job[]>;
}

export interface IScheduleRowProps {
  readonly schedule: Schedule;
  /** What people call the profile. */
  readonly place: string;
  readonly clusters: readonly Cluster[];
  readonly events: IScheduleEvents;
}

/** One recurring run: what, when, how the last one went, what was missed, and all of them on request. */
export function ScheduleRow({ schedule, place, clusters, events }: IScheduleRowProps) {
  const trans = useTrans();
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const { name, cron, words, timezone, request, notebook, problem } = schedule;
  const zone = timezone === ownZone() ? '' : ` (${timezone})`;
  return (
    <li
      className="jp-Compute-schedule"
      data-id={schedule.id}
      data-paused={schedule.paused || undefined}
      aria-labelledby={`${id}-name`}
      tabIndex={-1}
    >
      <div className="jp-Compute-scheduleHead">
        <h3 id={`${id}-name`}>{name}</h3>
        <Actions schedule={schedule} events={events} />
      </div>
      <p>
        {whenWords(cron, words, trans)}
        {zone}
        {' · '}
        <button
          type="button"
          className="jp-Compute-link"
          onClick={() => events.onOpenNotebook(request.source.path)}
        >
          {request.source.path}
        </button>
        {notebook === 'snapshot' && ` ${trans.__('(as it was when the schedule was made)')}`}
        {' · '}
        {place}
      </p>
      <Next schedule={schedule} />
      <Last schedule={schedule} onOpen={events.onOpenJob} />
      <MissedSince schedule={schedule} />
      {problem && (
        <div className="jp-Compute-callout" data-tone="bad">
          <p>
            {schedule.paused
              ? trans.__('%1 runs in a row could not be sent, so it paused itself.', problem.times)
              : trans.__('The last run could not be sent.')}{' '}
            {problem.text}
          </p>
        </div>
      )}
      <button
        type="button"
        className="jp-Compute-link"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? trans.__('Hide its runs') : trans.__('Show its runs')}
      </button>
      {isOpen && <History schedule={schedule} clusters={clusters} events={events} />}
    </li>
  );
}

type PartProps = Readonly<{ schedule: Schedule }>;

function Actions({ schedule, events }: PartProps & { events: IScheduleEvents }) {
  const trans = useTrans();
  const { id, name, paused, by } = schedule;
  const button = (label: string, spoken: string, act: (id: string) => void, isOff = false) => (
    <button
      type="button"
      className="jp-Compute-smallButton"
      aria-label={spoken}
      disabled={isOff}
      title={isOff ? by.text : undefined}
      onClick={once(() => act(id))}
    >
      {label}
    </button>
  );
  return (
    <div className="jp-Compute-jobButtons">
      {button(trans.__('Run now'), trans.__('Run %1 now', name), events.onRun, !by.here)}
      {paused
        ? button(trans.__('Resume'), trans.__('Resume %1', name), events.onResume)
        : button(trans.__('Pause'), trans.__('Pause %1', name), events.onPause)}
      {button(trans.__('Edit…'), trans.__('Edit %1…', name), events.onEdit, !by.here)}
      {button(trans.__('Delete…'), trans.__('Delete %1…', name), events.onDelete)}
    </div>
  );
}

function Next({ schedule: { next_at, paused, by } }: PartProps) {
  const trans = useTrans();
  const now = useNow(MINUTE_MS);
  if (paused) {
    return (
      <p className="jp-Compute-word" data-tone="waiting">
        {trans.__('Paused')}
      </p>
    );
  }
  return (
    <>
      {next_at && (
        <p title={fullTime(next_at)}>{trans.__('Next run: %1', dayAndTime(next_at, now, trans))}</p>
      )}
      {!by.here && <p data-tone="waiting">{by.text}</p>}
    </>
  );
}

function Last({ schedule: { last }, onOpen }: PartProps & { onOpen(id: string): void }) {
  const trans = useTrans();
  const now = useNow(MINUTE_MS);
  if (!last) {
    return <p data-tone="quiet">{trans.__('It has not run yet.')}</p>;
  }
  const { words, tone } = sentenceOf(last.state, trans);
  return (
    <p title={fullTime(last.due_at)}>
      {trans.__('Last run, %1:', dayAndTime(last.due_at, now, trans))}{' '}
      <span className="jp-Compute-word" data-tone={tone}>
        {words}
      </span>
      {last.state !== null && (
        <>
          {' · '}
          <button type="button" className="jp-Compute-link" onClick={() => onOpen(last.job)}>
            {trans.__('Open it')}
          </button>
        </>
      )}
    </p>
  );
}

/** What was missed since the last run, which is what one did not know yet. */
function MissedSince({ schedule: { missed, last } }: PartProps) {
  const trans = useTrans();
  const since = missed.times.filter(({ due_at }) => !last || due_at > last.due_at);
  const counts = (why: MissedRun['why']) => since.filter(each => each.why === why).length;
  // The times are few; of a long absence the number is known all the same.
  const away = counts('no_server');
  const all = !last && away === since.length ? missed.count : away;
  const busy = counts('still_running');
  return (
    <>
      {all > 0 && (
        <p data-tone="waiting">
          {trans._n(
            '1 run was missed: no Jupyter server was running.',
            '%1 runs were missed: no Jupyter server was running.',
            all
          )}
        </p>
      )}
      {busy > 0 && (
        <p data-tone="waiting">
          {trans._n(
            '1 run was left out: the one before had not ended.',
            '%1 runs were left out: the one before had not ended.',
            busy
          )}
        </p>
      )}
    </>
  );
}
