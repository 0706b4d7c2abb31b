import type { TranslationBundle } from '@jupyterlab/translation';

import { isActive, isFinal } from '../api/states';
import type { Cluster, Job, JobState } from '../api/types';
import { said } from './said';
import { clock, duration, memory, moment, timeLimit } from './units';

/** The colour of a state's word and icon. */
export type Tone = 'waiting' | 'running' | 'good' | 'bad' | 'quiet';

/** What a row says: the state's word, and what follows it. */
export type Sentence = Readonly<{ word: string; rest: string }>;

const TONES: Readonly<Record<JobState, Tone>> = {
  submitting: 'waiting',
  queued: 'waiting',
  held: 'waiting',
  running: 'running',
  completing: 'running',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'quiet',
  unknown: 'quiet'
};

/** The jobs of a cluster that does not answer keep their last state, but it is not news. */
export function isStale(job: Job): boolean {
  return job.stale_since !== null && !isFinal(job.state);
}

export function toneOf(job: Job): Tone {
  return isStale(job) ? 'quiet' : TONES[job.state];
}

/** One word or two for how the job is. */
export function stateWord(job: Job, trans: TranslationBundle): string {
  if (job.cancel_requested_at && isActive(job.state)) {
    return trans.__('Cancelling');
  }
  switch (job.state) {
    case 'submitting':
      return trans.__('Sending');
    case 'queued':
      return trans.__('Waiting');
    case 'held':
      return trans.__('On hold');
    case 'running':
      return trans.__('Running');
    case 'completing':
      return trans.__('Finishing');
    case 'succeeded':
      return trans.__('Done');
    case 'failed':
      return failureWord(job.reason?.code, trans);
    case 'cancelled':
      return trans.__('Cancelled');
    case 'unknown':
      return job.reason?.code === 'lost' ? trans.__('Lost') : trans.__('Unknown');
  }
}

function failureWord(code: string | undefined, trans: TranslationBundle): string {
  switch (code) {
    case 'out_of_memory':
      return trans.__('Out of memory');
    case 'timeout':
      return trans.__('Out of time');
    case 'node_failed':
      return trans.__('Node failed');
    case 'preempted':
      return trans.__('Preempted');
    case 'rejected':
      return trans.__('Refused');
    default:
      return trans.__('Failed');
  }
}

/** What people call the job's scheduler; its id where nobody has told yet. */
export function clusterTitle({ cluster }: Job, clusters: readonly Cluster[]): string {
  return clusters.find(({ name }) => name === cluster)?.title ?? cluster;
}

/** How the job is and why, in one line. `cluster` is what people call its scheduler. */
export function sentence(job: Job, trans: TranslationBundle, cluster: string): Sentence {
  if (isStale(job)) {
    return stale(job, trans, cluster);
  }
  const word = stateWord(job, trans);
  switch (job.state) {
    case 'queued':
    case 'held':
    case 'submitting':
      return { word, rest: joined(because(job, trans), startOf(job, trans)) };
    case 'running':
    case 'completing':
      return { word, rest: joined(place(job, trans), progressOf(job, trans)) };
    case 'succeeded':
      return { word, rest: joined(lasted(job, trans), usedOf(job, trans), landing(job, trans)) };
    case 'cancelled':
      return {
        word: dotless(said(job.reason?.text, trans)) || word,
        rest: joined(after(job, trans))
      };
    default:
      return { word, rest: joined(because(job, trans)) };
  }
}

function stale(job: Job, trans: TranslationBundle, cluster: string): Sentence {
  const since = clock(job.stale_since ?? job.created_at);
  const was = stateWord(job, trans).toLocaleLowerCase();
  const rest = ` · ${trans.__('was %1', was)}`;
  return { word: trans.__('No word from %1 since %2', cluster, since), rest };
}

/** Each part brings its own way of joining: a colon before a reason, a dot between facts. */
function joined(...parts: string[]): string {
  const [first, ...others] = parts.filter(Boolean);
  if (!first) {
    return '';
  }
  return [first, ...others.map(part => ` · ${part.replace(/^(: | · | )/, '')}`)].join('');
}

function because(job: Job, trans: TranslationBundle): string {
  const text = dotless(said(job.reason?.text, trans));
  return text ? `: ${text}` : ` · ${job.profile_title}`;
}

function startOf(job: Job, trans: TranslationBundle): string {
  return job.estimated_start ? ` · ${trans.__('start ≈ %1', clock(job.estimated_start))}` : '';
}

function place(job: Job, trans: TranslationBundle): string {
  return ` ${trans.__('on %1', job.node || job.profile_title)}`;
}

function progressOf({ progress }: Job, trans: TranslationBundle): string {
  if (!progress || progress.total === 0) {
    return '';
  }
  const { done, total, current } = progress;
  return current === null
    ? ` · ${trans.__('%1 of %2 cells done', done, total)}`
    : ` · ${trans.__('cell %1 of %2', Math.min(done + 1, total), total)}`;
}

function lasted(job: Job, trans: TranslationBundle): string {
  const time = ran(job);
  return time === null ? '' : ` ${trans.__('in %1', duration(time))}`;
}

function after(job: Job, trans: TranslationBundle): string {
  const time = ran(job);
  return time === null ? '' : ` ${trans.__('after %1', duration(time))}`;
}

function usedOf({ usage }: Job, trans: TranslationBundle): string {
  const peak = usage?.peak_memory_mb;
  return peak ? ` · ${trans.__('%1 used', memory(peak))}` : '';
}

function landing(job: Job, trans: TranslationBundle): string {
  return job.land_problem ? ` · ${dotless(job.land_problem)}` : ` · ${job.profile_title}`;
}

function dotless(text: string | undefined): string {
  return (text ?? '').replace(/[.\s]+$/, '');
}

/** How long it ran, in milliseconds; null when it never did. */
export function ran(job: Job): number | null {
  const { started_at, ended_at } = job;
  return started_at && ended_at ? Date.parse(ended_at) - Date.parse(started_at) : null;
}

/** Since when an active job counts its time. */
export function countsFrom(job: Job): string {
  return job.started_at ?? job.queued_at ?? job.created_at;
}

/** The right end of the first line: how long by now, or when it ended. */
export function since(job: Job, now: number, trans: TranslationBundle): string {
  if (isActive(job.state) && !isStale(job)) {
    return duration(now - Date.parse(countsFrom(job)));
  }
  return moment(job.ended_at ?? countsFrom(job), now, trans);
}

/** The whole row in words, for those who listen. */
export function spoken(job: Job, now: number, trans: TranslationBundle, cluster: string): string {
  const { word, rest } = sentence(job, trans, cluster);
  return `${job.name}, ${word}${rest}, ${since(job, now, trans)}`;
}

/** What the scheduler gave in place of what was asked for, each in one line. */
export function changes({ changed_by_site }: Job, trans: TranslationBundle): string[] {
  const names: Readonly<Record<string, string>> = {
    nodes: trans.__('Nodes'),
    tasks: trans.__('Tasks'),
    cores: trans.__('Cores'),
    memory_mb: trans.__('Memory'),
    gpus: trans.__('GPUs'),
    gpu_type: trans.__('Kind of GPU'),
    walltime_s: trans.__('Time limit'),
    queue: trans.__('Queue'),
    account: trans.__('Account')
  };
  return Object.entries(changed_by_site ?? {}).map(([field, { asked, got }]) =>
    trans.__(
      '%1: %2 instead of %3, changed by the scheduler.',
      names[field] ?? field,
      amount(field, got),
      amount(field, asked ?? '–')
    )
  );
}

function amount(field: string, value: string | number): string {
  if (field === 'memory_mb') {
    return memory(Number(value));
  }
  return field === 'walltime_s' ? timeLimit(Number(value)).flat().join(' ') : String(value);
}

/** What went wrong, in the reader's language where the words are ours; the server's own are left as they are. */
export function problem(
  { code, message }: Readonly<{ code: string; message: string }>,
  trans: TranslationBundle
): string {
  switch (code) {
    case 'offline':
      return trans.__('The server does not answer.');
    case 'no_bridge':
      return trans.__('The server extension jupyterlab_compute is missing.');
    default:
      return message;
  }
}

/** The kind of scheduler as people call it. */
export function schedulerName(type: string, trans: TranslationBundle): string {
  const names: Readonly<Record<string, string>> = {
    local: trans.__('Local'),
    slurm: 'Slurm',
    pbs: 'PBS',
    sge: 'Grid Engine',
    kubernetes: 'Kubernetes',
    everest: 'Everest',
    ray: 'Ray'
  };
  return names[type] ?? type;
}
