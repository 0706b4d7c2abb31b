import React, { useRef } from 'react';

import type { Job } from '../../api/types';
import { once } from '../clicks';
import { useHeir, useNow } from '../hooks';
import type { IJobEvents } from '../JobRow';
import { tellings } from '../notify/words';
import { StateIcon } from '../StateIcon';
import { useTrans } from '../translation';
import { duration, fullTime, resources } from '../units';
import { changes, isStale, ran, sentence, stateWord, toneOf } from '../words';

const SECOND_MS = 1000;

export interface IJobHeaderProps {
  readonly job: Job;
  /** What people call its scheduler. */
  readonly cluster: string;
  readonly events: IJobEvents & { onOpenSource(id: string): void };
}

/** What the job is, how it is, what one can do, and what it asked for. */
export function JobHeader({ job, cluster, events }: IJobHeaderProps) {
  const trans = useTrans();
  const { id, name, native_id, profile_title, source } = job;
  const title = useRef<HTMLHeadingElement>(null);
  const heir = useHeir(() => title.current);
  return (
    <div className="jp-Compute-jobHeader" {...heir}>
      <div className="jp-Compute-jobTitle">
        <StateIcon job={job} />
        <h2 ref={title} tabIndex={-1}>
          {name}
        </h2>
        <span className="jp-Compute-pill" data-tone={toneOf(job)}>
          {stateWord(job, trans)}
        </span>
        <span className="jp-Compute-jobMeta">
          {profile_title}
          {native_id !== null && ` · ${trans.__('job %1', native_id)}`}
          {' · '}
          <button type="button" className="jp-Compute-link" onClick={() => events.onOpenSource(id)}>
            {source.path}
          </button>
        </span>
        <Actions job={job} events={events} />
      </div>
      <Callout job={job} cluster={cluster} />
      <Facts job={job} />
    </div>
  );
}

function Actions({ job: { id, can, landed }, events }: Omit<IJobHeaderProps, 'cluster'>) {
  const trans = useTrans();
  const button = (label: string, onClick: () => void, isPrimary = false) => (
    <button
      type="button"
      className="jp-Compute-button"
      data-primary={isPrimary || undefined}
      onClick={once(onClick)}
    >
      {label}
    </button>
  );
  return (
    <span className="jp-Compute-jobButtons">
      {can.includes('cancel') && button(trans.__('Cancel'), () => events.onCancel([id]))}
      {can.includes('forget') && button(trans.__('Delete…'), () => events.onDelete([id]))}
      {can.includes('retry') && button(trans.__('Run again'), () => events.onRetry(id), !landed)}
      {can.includes('send_again') && button(trans.__('Send again'), () => events.onRetry(id), true)}
      {landed && button(trans.__('Open result'), () => events.onOpenResult(id), true)}
    </span>
  );
}

/** A failure leads with one sentence; so does anything else that wants attention. */
function Callout({ job, cluster }: Pick<IJobHeaderProps, 'job' | 'cluster'>) {
  const trans = useTrans();
  const { word, rest } = sentence(job, trans, cluster);
  const why = isStale(job) ? word + rest : job.reason?.text;
  const lines = [why, job.land_problem, ...changes(job, trans)].filter(Boolean);
  if (lines.length === 0) {
    return null;
  }
  return (
    <div className="jp-Compute-callout" data-tone={toneOf(job)}>
      {lines.map(line => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}

function Facts({ job }: { job: Job }) {
  const trans = useTrans();
  const { created_at, started_at, ended_at, node, resources: asked, queue, account } = job;
  const now = useNow(started_at && !ended_at && !isStale(job) ? SECOND_MS : null);
  const ranFor = started_at ? (ran(job) ?? now - Date.parse(started_at)) : null;
  const waited = started_at && Date.parse(started_at) - Date.parse(created_at);
  const facts: [string, string | null | false | undefined][] = [
    [trans.__('Sent'), fullTime(created_at)],
    [trans.__('Waited'), waited !== null && waited !== '' && duration(Number(waited))],
    [trans.__('Ran'), ranFor !== null && duration(ranFor)],
    [trans.__('Ended'), ended_at && fullTime(ended_at)],
    [trans.__('Where'), node],
    [
      trans.__('Asked for'),
      resources(asked, trans)
        .map(part => part.join(' '))
        .join(', ')
    ],
    [trans.__('Queue'), queue],
    [trans.__('Account'), account],
    [trans.__('Kernel'), job.kernel],
    [trans.__('Exit'), exitOf(job, trans)],
    [trans.__('Repeats job'), job.retry_of],
    [trans.__('Messages'), tellings(job, trans).join('; ')],
    [trans.__('Run folder'), job.run_folder]
  ];
  return (
    <dl className="jp-Compute-facts">
      {facts
        .filter(([, value]) => value)
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function exitOf({ exit }: Job, trans: ReturnType<typeof useTrans>): string | null {
  if (!exit || exit.code === 0) {
    return null;
  }
  return exit.signal === null
    ? trans.__('code %1', exit.code ?? '–')
    : trans.__('by signal %1', exit.signal);
}
