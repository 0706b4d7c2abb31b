import React, { useRef } from 'react';

import type { Job, Profile, Resources } from '../../api/types';
import type { IJobColumn } from '../../tokens';
import { once } from '../clicks';
import type { IStore } from '../hooks';
import { useHeir, useSnapshot } from '../hooks';
import { useFacts } from '../list/columns';
import { tellings } from '../notify/words';
import { said } from '../said';
import { StateIcon } from '../StateIcon';
import { useTrans } from '../translation';
import { resources } from '../units';
import { isStale, sentence, stateWord, toneOf } from '../words';
import type { Cure } from './cure';
import { cureOf } from './cure';

/** What one may want of the job that a page shows. */
export interface IJobPageEvents {
  onOpen(id: string): void;
  onCancel(id: string): void;
  onHold(id: string): void;
  onRelease(id: string): void;
  onDelete(id: string): void;
  /** Run it again; with other resources, if some are named. */
  onRetry(id: string, resources?: Resources): void;
  onEdit(id: string): void;
  onOpenResult(id: string): void;
  /** Open a file of the server by its path. */
  onOpenFile(path: string): void;
  onOpenSource(id: string): void;
  /** Show the schedule that sent it. */
  onOpenSchedule(id: string): void;
  /** Null where nothing gives links. */
  onCopyLink: ((id: string) => void) | null;
}

/** Another job that has to do with this one. */
export type Relative = Readonly<{ id: string; label: string }>;

export interface IJobHeaderProps {
  readonly job: Job;
  /** What people call its scheduler. */
  readonly cluster: string;
  /** Where it ran, as it is now; undefined: it is gone; null: nobody has told yet. */
  readonly profile: Profile | undefined | null;
  readonly relatives: readonly Relative[];
  readonly events: IJobPageEvents;
  /** Bring what went wrong into view. */
  onShowError(): void;
}

/** What the job is, how it is, and what one can do. */
export function JobHeader(props: IJobHeaderProps) {
  const { job, cluster, profile, relatives, events, onShowError } = props;
  const trans = useTrans();
  const { id, name, native_id, profile_title, source } = job;
  const title = useRef<HTMLHeadingElement>(null);
  const heir = useHeir(() => title.current);
  const cure = cureOf(job, profile, trans);
  return (
    <div className="jp-Compute-jobHeader" {...heir}>
      <div className="jp-Compute-jobTitle">
        <StateIcon job={job} />
        <h2 ref={title} tabIndex={-1}>
          {name}
        </h2>
        <span className="jp-Compute-pill" data-tone={toneOf(job)}>
          {isStale(job)
            ? trans.__('Was %1', stateWord(job, trans).toLocaleLowerCase())
            : stateWord(job, trans)}
        </span>
        <span className="jp-Compute-jobMeta">
          {profile_title}
          {native_id !== null && ` · ${trans.__('job %1', native_id)}`}
          {' · '}
          <button type="button" className="jp-Compute-link" onClick={() => events.onOpenSource(id)}>
            {source.path}
          </button>
          {job.schedule !== null && (
            <>
              {' · '}
              <button
                type="button"
                className="jp-Compute-link"
                onClick={() => events.onOpenSchedule(id)}
              >
                {trans.__('from a schedule')}
              </button>
            </>
          )}
          {relatives.map(other => (
            <React.Fragment key={other.id}>
              {' · '}
              <button
                type="button"
                className="jp-Compute-link"
                onClick={() => events.onOpen(other.id)}
              >
                {other.label}
              </button>
            </React.Fragment>
          ))}
        </span>
        <Actions job={job} hasCure={cure !== null && cure.kind !== 'look'} events={events} />
      </div>
      <Callout
        job={job}
        cluster={cluster}
        cure={cure}
        onCure={() => act(job.id, cure, events, onShowError)}
      />
    </div>
  );
}

function act(id: string, cure: Cure | null, events: IJobPageEvents, onShowError: () => void): void {
  switch (cure?.kind) {
    case 'again':
      return events.onRetry(id, cure.resources);
    case 'edit':
      return events.onEdit(id);
    case 'look':
      return onShowError();
  }
}

function Actions({
  job: { id, can, landed, exports },
  hasCure,
  events
}: Pick<IJobHeaderProps, 'job' | 'events'> & { hasCure: boolean }) {
  const trans = useTrans();
  const button = (label: string, onClick: () => void, isPrimary = false) => (
    <button
      key={label}
      type="button"
      className="jp-Compute-button"
      data-primary={isPrimary || undefined}
      onClick={once(onClick)}
    >
      {label}
    </button>
  );
  const { onCopyLink } = events;
  return (
    <span className="jp-Compute-jobButtons">
      {can.includes('cancel') && button(trans.__('Cancel'), () => events.onCancel(id))}
      {can.includes('hold') && button(trans.__('Hold'), () => events.onHold(id))}
      {can.includes('release') && button(trans.__('Release'), () => events.onRelease(id), true)}
      {can.includes('forget') && button(trans.__('Delete…'), () => events.onDelete(id))}
      {onCopyLink && button(trans.__('Copy link'), () => onCopyLink(id))}
      {button(trans.__('Edit and run again…'), () => events.onEdit(id))}
      {can.includes('retry') &&
        button(trans.__('Run again'), () => events.onRetry(id), !landed && !hasCure)}
      {can.includes('send_again') && button(trans.__('Send again'), () => events.onRetry(id), true)}
      {exports?.map(
        ({ format, path }) =>
          path !== null &&
          button(trans.__('Open %1', formatName(format, trans)), () => events.onOpenFile(path))
      )}
      {landed && button(trans.__('Open result'), () => events.onOpenResult(id), !hasCure)}
    </span>
  );
}

type Format = NonNullable<Job['exports']>[number]['format'];

function formatName(format: Format, trans: ReturnType<typeof useTrans>): string {
  return { html: 'HTML', pdf: 'PDF', script: trans.__('script') }[format];
}

/** A failure leads with one sentence and the button that cures it; so does anything else that wants attention. */
function Callout({
  job,
  cluster,
  cure,
  onCure
}: Pick<IJobHeaderProps, 'job' | 'cluster'> & { cure: Cure | null; onCure(): void }) {
  const trans = useTrans();
  const { word, rest } = sentence(job, trans, cluster);
  const why = isStale(job)
    ? word + rest
    : said(job.reason?.text, trans) || (cure && stateWord(job, trans));
  const unmade = (job.exports ?? []).flatMap(({ format, problem }) =>
    problem === null ? [] : trans.__('No %1: %2', formatName(format, trans), problem)
  );
  const more = [job.land_problem, ...unmade, cure?.kind === 'edit' ? cure.why : null];
  const lines = [why, ...more].filter(Boolean);
  if (lines.length === 0) {
    return null;
  }
  return (
    // What is missing of a job that is done is no good news.
    <div
      className="jp-Compute-callout"
      data-tone={job.state === 'succeeded' ? 'waiting' : toneOf(job)}
    >
      <div>
        {lines.map(line => (
          <p key={line}>{line}</p>
        ))}
      </div>
      {cure && (
        <button
          type="button"
          className="jp-Compute-button"
          data-primary={cure.kind !== 'look' || undefined}
          onClick={once(onCure)}
        >
          {cure.label}
        </button>
      )}
    </div>
  );
}

export interface IFactsProps {
  readonly job: Job;
  /** What other extensions say of it. */
  readonly columns: IStore<readonly IJobColumn[]>;
}

/** What it asked for and where it is. */
export function Facts({ job, columns }: IFactsProps) {
  const trans = useTrans();
  const { node, resources: asked, queue, account, parameters } = job;
  const added = useFacts({ columns: useSnapshot(columns), job });
  const facts: [string, string | null][] = [
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
    [
      trans.__('Parameters'),
      Object.entries(parameters)
        .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
        .join(', ')
    ],
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
      {added.map(({ id, label, text, caption }) => (
        <div key={id} data-column={id} title={caption || undefined}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
