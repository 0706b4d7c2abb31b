import type { TranslationBundle } from '@jupyterlab/translation';

import { isActive, isFinal } from '../../api/states';
import type { Job } from '../../api/types';
import { said } from '../said';
import { clock, duration, fullTime } from '../units';
import type { Tone } from '../words';
import { changes, isStale, sentence, stateWord, toneOf } from '../words';
import type { Attempt } from './attempts';
import { attemptNotes } from './attempts';

/** One thing that happened, or is expected to. */
export type Step = Readonly<{
  key: string;
  label: string;
  /** Null: nobody knows when, or not yet. */
  at: string | null;
  /** What it says besides, in short lines. */
  notes: readonly string[];
  tone: Tone;
  /** How long it has taken from this step to the next, or until now, in milliseconds. */
  ms: number | null;
  /** It has not happened yet. */
  isAhead?: boolean;
}>;

/** A share of the time between the sending and the end. */
export type Share = Readonly<{ key: string; label: string; ms: number; tone: Tone }>;

/** The job's way up to `now`, in order, and what is known of the rest of it. */
export function stepsOf(
  job: Job,
  now: number,
  cluster: string,
  trans: TranslationBundle,
  earlier: readonly Attempt[] = []
): readonly Step[] {
  const { created_at, queued_at, started_at, ended_at } = job;
  const at = (time: string | null) => (time === null ? null : Date.parse(time));
  const until = isFinal(job.state) || isStale(job) ? null : now;
  const end = at(ended_at) ?? until;
  const between = (from: string | null, to: number | null) =>
    from === null || to === null ? null : Math.max(0, to - Date.parse(from));
  const steps: Step[] = [
    {
      key: 'sent',
      label: trans.__('Sent'),
      at: created_at,
      notes: sentNotes(job, trans),
      tone: 'quiet',
      ms: between(created_at, at(queued_at) ?? at(started_at) ?? end)
    }
  ];
  if (queued_at) {
    steps.push({
      key: 'queued',
      label: trans.__('In the queue'),
      at: queued_at,
      notes: waitNotes(job, cluster, trans),
      tone: 'waiting',
      ms: between(queued_at, at(started_at) ?? end)
    });
  } else if (isWaiting(job)) {
    steps[0] = { ...steps[0], notes: [...steps[0].notes, ...waitNotes(job, cluster, trans)] };
  }
  for (const attempt of earlier) {
    steps.push({
      key: `attempt-${attempt.number}`,
      label: trans.__('Attempt %1 started', attempt.number),
      at: attempt.startedAt,
      notes: attemptNotes(attempt, trans),
      tone: 'quiet',
      ms: between(attempt.startedAt, at(attempt.endedAt))
    });
  }
  if (started_at) {
    steps.push({
      key: 'started',
      label: trans.__('Started'),
      at: started_at,
      notes: runNotes(job, trans),
      tone: 'running',
      ms: between(started_at, end)
    });
  } else if (job.estimated_start && isWaiting(job)) {
    steps.push({
      key: 'estimate',
      label: trans.__('Would start'),
      at: job.estimated_start,
      notes: [trans.__('As the scheduler sees it now; it may change.')],
      tone: 'quiet',
      ms: null,
      isAhead: true
    });
  }
  if (isFinal(job.state)) {
    steps.push({
      key: 'ended',
      label: stateWord(job, trans),
      at: ended_at,
      notes: endNotes(job, trans),
      tone: toneOf(job),
      ms: null
    });
  }
  return steps;
}

/** How the time divides; empty before there is anything to divide. */
export function sharesOf(job: Job, now: number, trans: TranslationBundle): readonly Share[] {
  const { created_at, started_at, ended_at } = job;
  const end = ended_at ? Date.parse(ended_at) : isActive(job.state) && !isStale(job) ? now : null;
  if (end === null) {
    return [];
  }
  const start = started_at ? Date.parse(started_at) : null;
  const waited = (start ?? end) - Date.parse(created_at);
  const shares: Share[] = [
    { key: 'waited', label: trans.__('Waited'), ms: Math.max(0, waited), tone: 'waiting' }
  ];
  if (start !== null) {
    const ms = Math.max(0, end - start);
    const tone = isFinal(job.state) ? toneOf(job) : 'running';
    shares.push({ key: 'ran', label: trans.__('Ran'), ms, tone });
  }
  return shares;
}

function isWaiting({ state }: Job): boolean {
  return state === 'queued' || state === 'held' || state === 'submitting';
}

function sentNotes({ schedule, due_at, retry_of }: Job, trans: TranslationBundle): string[] {
  const notes = [];
  if (schedule !== null) {
    notes.push(
      due_at === null
        ? trans.__('By a schedule, because somebody asked for it')
        : trans.__('By a schedule, due %1', fullTime(due_at))
    );
  }
  return retry_of === null ? notes : [...notes, trans.__('It repeats an earlier job.')];
}

function waitNotes(job: Job, cluster: string, trans: TranslationBundle): string[] {
  const notes = job.native_id === null ? [] : [trans.__('As job %1', job.native_id)];
  if (isWaiting(job)) {
    const { word, rest } = sentence({ ...job, estimated_start: null }, trans, cluster);
    notes.push(word + rest);
    if (job.give_up_at) {
      notes.push(trans.__('Given up if it has not started by %1', fullTime(job.give_up_at)));
    }
    if (job.at_most !== null) {
      notes.push(
        trans._n(
          'At most %1 of yours at once here; others of yours may go first.',
          'At most %1 of yours at once here; others of yours may go first.',
          job.at_most
        )
      );
    }
  }
  return [...notes, ...changes(job, trans)];
}

function runNotes(job: Job, trans: TranslationBundle): string[] {
  const { node, attempt, progress, started_at, resources, state } = job;
  const notes = node ? [trans.__('On %1', node)] : [];
  if (attempt !== null && attempt > 1) {
    notes.push(
      trans.__('Attempt %1: the scheduler started it anew; times are of this attempt.', attempt)
    );
  }
  if (progress && progress.total > 0) {
    notes.push(trans.__('%1 of %2 cells done', progress.done, progress.total));
  }
  if (started_at && resources.walltime_s && !isFinal(state)) {
    const end = new Date(Date.parse(started_at) + resources.walltime_s * 1000).toISOString();
    const limit = duration(resources.walltime_s * 1000);
    notes.push(trans.__('Its time of %1 is over at %2', limit, clock(end)));
  }
  return notes;
}

function endNotes(job: Job, trans: TranslationBundle): string[] {
  const { reason, exit, landed, retries } = job;
  return [
    said(reason?.text, trans),
    exitOf(exit, trans),
    landed ? trans.__('Executed copy: %1', landed) : '',
    retries?.problem ?? '',
    retries && retries.times > 0 && !retries.problem && job.state === 'failed'
      ? trans.__('It is run again by itself.')
      : ''
  ].filter(Boolean);
}

function exitOf(exit: Job['exit'], trans: TranslationBundle): string {
  if (!exit || exit.code === 0) {
    return '';
  }
  return exit.signal === null
    ? trans.__('Exit code %1', exit.code ?? '–')
    : trans.__('Ended by signal %1', exit.signal);
}
