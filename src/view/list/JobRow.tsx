import type { LabIcon } from '@jupyterlab/ui-components';
import { closeIcon, ellipsesIcon, launchIcon, refreshIcon } from '@jupyterlab/ui-components';
import React, { memo, useRef } from 'react';

import { isActive } from '../../api/states';
import type { Job } from '../../api/types';
import type { IJobColumn } from '../../tokens';
import { menuBelow } from '../clicks';
import { useNow } from '../hooks';
import { IconButton } from '../IconButton';
import { StateIcon } from '../StateIcon';
import { useTrans } from '../translation';
import { fullTime } from '../units';
import { countsFrom, isStale, sentence, since, spoken, toneOf } from '../words';
import { ColumnLine, factsOf } from './columns';

const SECOND_MS = 1000;

/** What one may want of jobs. */
export interface IJobEvents {
  onOpen(id: string): void;
  onCancel(ids: string[]): void;
  onDelete(ids: string[]): void;
  onOpenResult(id: string): void;
  onRetry(id: string): void;
}

/** Where a row stands among those in view, and who wants to know how high it is. */
export type Place = Readonly<{
  top: number;
  index: number;
  measure(node: HTMLElement | null): void;
}>;

export interface IJobRowProps {
  readonly place: Place;
  readonly job: Job;
  /** What other extensions say of it. */
  readonly columns: readonly IJobColumn[];
  /** What people call the job's scheduler. */
  readonly cluster: string;
  /** The row that Tab leads to. */
  readonly isCurrent: boolean;
  readonly isSelected: boolean;
  /** The list is being scrolled: what nobody can press now is drawn when it has come to rest. */
  readonly isMoving: boolean;
  readonly events: IJobEvents;
  onPick(id: string, event: React.MouseEvent): void;
  onFocus(id: string): void;
}

function Row(props: IJobRowProps) {
  const { place, job, columns, cluster, isCurrent, isSelected, events, onPick, onFocus } = props;
  const trans = useTrans();
  const isWhole = useRef(false);
  isWhole.current ||= !props.isMoving;
  const { word, rest } = sentence(job, trans, cluster);
  const now = useNow(null);
  const added = factsOf(columns, job, now).map(({ label, text }) => `, ${label} ${text}`);
  return (
    <div
      role="row"
      ref={place.measure}
      className="jp-Compute-jobRow"
      style={{ top: place.top }}
      data-index={place.index}
      data-key={job.id}
      data-id={job.id}
      data-state={job.state}
      aria-rowindex={place.index + 1}
      aria-selected={isSelected}
      tabIndex={isCurrent ? 0 : -1}
      onClick={event => onPick(job.id, event)}
      onFocus={() => onFocus(job.id)}
    >
      <div
        role="gridcell"
        className="jp-Compute-jobFacts"
        aria-label={spoken(job, now, trans, cluster) + added.join('')}
      >
        <StateIcon job={job} />
        <span className="jp-Compute-jobName" title={job.name}>
          {job.name}
        </span>
        <When job={job} />
        <span className="jp-Compute-jobWhy" title={word + rest}>
          <span className="jp-Compute-word" data-tone={toneOf(job)}>
            {word}
          </span>
          {rest}
        </span>
        <ColumnLine columns={columns} job={job} />
        <ProgressBar job={job} />
      </div>
      {isWhole.current && <RowActions job={job} isCurrent={isCurrent} events={events} />}
    </div>
  );
}

/** One job: what, how, since when, why. Its place is a new object each time, and most often the same. */
export const JobRow = memo(Row, ({ place: old, ...before }, { place, ...now }) => {
  const keys = Object.keys(now) as (keyof typeof now)[];
  const isSame = (key: keyof typeof now) =>
    before[key] === now[key] || (key === 'isMoving' && now.isMoving);
  return old.top === place.top && old.index === place.index && keys.every(isSame);
});

function When({ job }: { job: Job }) {
  const trans = useTrans();
  const counts = isActive(job.state) && !isStale(job);
  const now = useNow(counts ? SECOND_MS : null);
  const title = fullTime(job.ended_at ?? countsFrom(job));
  return (
    <span className="jp-Compute-jobWhen" title={title}>
      {since(job, now, trans)}
    </span>
  );
}

function ProgressBar({ job }: { job: Job }) {
  const { progress, state } = job;
  if (!progress || progress.total === 0 || state !== 'running' || isStale(job)) {
    return null;
  }
  const width = `${Math.round((100 * progress.done) / progress.total)}%`;
  return (
    <span className="jp-Compute-bar" aria-hidden="true">
      <span style={{ width }} />
    </span>
  );
}

function RowActions({
  job,
  isCurrent,
  events
}: Pick<IJobRowProps, 'job' | 'isCurrent' | 'events'>) {
  const trans = useTrans();
  const tabIndex = isCurrent ? 0 : -1;
  const { id, can, landed } = job;
  const button = (icon: LabIcon, label: string, onClick: () => void) => (
    <IconButton icon={icon} label={label} tabIndex={tabIndex} onClick={onClick} />
  );
  return (
    <div role="gridcell" className="jp-Compute-jobActions">
      {landed && button(launchIcon, trans.__('Open result'), () => events.onOpenResult(id))}
      {can.includes('cancel') && button(closeIcon, trans.__('Cancel'), () => events.onCancel([id]))}
      {can.includes('retry') &&
        button(refreshIcon, trans.__('Run again'), () => events.onRetry(id))}
      {can.includes('send_again') &&
        button(refreshIcon, trans.__('Send again'), () => events.onRetry(id))}
      <IconButton
        icon={ellipsesIcon}
        label={trans.__('More actions')}
        tabIndex={tabIndex}
        onClick={({ currentTarget }) => menuBelow(currentTarget)}
      />
    </div>
  );
}
