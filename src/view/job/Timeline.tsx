import { caretRightIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { isActive } from '../../api/states';
import type { Job } from '../../api/types';
import { useNow } from '../hooks';
import { useTrans } from '../translation';
import { clock, duration, fullTime } from '../units';
import { isStale } from '../words';
import type { Attempt } from './attempts';
import type { Share, Step } from './timeline';
import { sharesOf, stepsOf } from './timeline';

const SECOND_MS = 1000;

export interface ITimelineProps {
  readonly job: Job;
  readonly cluster: string;
  readonly earlier: readonly Attempt[];
  /** Further facts, unfolded with it. */
  readonly children?: React.ReactNode;
}

/** Where the job's time went: waited, ran; and, unfolded, what happened when. Before it starts that is what one asks. */
export function Timeline({ job, cluster, earlier, children }: ITimelineProps) {
  const trans = useTrans();
  const now = useNow(isActive(job.state) && !isStale(job) ? SECOND_MS : null);
  const [chosen, setChosen] = useState<boolean | null>(null);
  const isOpen = chosen ?? (job.started_at === null && isActive(job.state));
  const steps = stepsOf(job, now, cluster, trans, earlier);
  return (
    <section className="jp-Compute-timeline" aria-label={trans.__('Timeline')}>
      <div className="jp-Compute-shares">
        <button
          type="button"
          className="jp-Compute-link"
          aria-expanded={isOpen}
          onClick={() => setChosen(!isOpen)}
        >
          <caretRightIcon.react tag="span" className="jp-Compute-turn" /> {trans.__('Timeline')}
        </button>
        <Shares shares={sharesOf(job, now, trans)} />
      </div>
      {isOpen && (
        <ol>
          {steps.map(step => (
            <StepLine key={step.key} step={step} />
          ))}
        </ol>
      )}
      {isOpen && children}
    </section>
  );
}

/** The two lengths are also written: the bar only shows how they compare. */
function Shares({ shares }: { shares: readonly Share[] }) {
  if (shares.length === 0) {
    return null;
  }
  return (
    <>
      <span className="jp-Compute-sharesBar" aria-hidden="true">
        {shares.map(({ key, ms, tone }) => (
          <span key={key} data-tone={tone} style={{ flexGrow: Math.max(ms, 1) }} />
        ))}
      </span>
      {shares.map(({ key, label, ms, tone }) => (
        <span key={key} className="jp-Compute-share">
          <span className="jp-Compute-shareMark" data-tone={tone} aria-hidden="true" />
          {label} <b>{duration(ms)}</b>
        </span>
      ))}
    </>
  );
}

function StepLine({ step: { label, at, notes, tone, ms, isAhead } }: { step: Step }) {
  return (
    <li data-ahead={isAhead}>
      <span className="jp-Compute-stepMark" data-tone={tone} aria-hidden="true" />
      <span className="jp-Compute-stepLabel" data-tone={tone}>
        {label}
      </span>
      {at && (
        <time dateTime={at} title={fullTime(at)}>
          {isAhead && '≈ '}
          {isToday(at) ? clock(at, 'seconds') : fullTime(at)}
        </time>
      )}
      {ms !== null && <span className="jp-Compute-stepTime">{duration(ms)}</span>}
      {notes.length > 0 && (
        <ul>
          {notes.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

function isToday(time: string): boolean {
  return new Date(time).toDateString() === new Date().toDateString();
}
