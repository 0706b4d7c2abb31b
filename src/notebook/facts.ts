import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job } from '../api/types';
import { said } from '../view/said';
import { clock, duration } from '../view/units';
import { countsFrom, isStale, sentence, stateWord } from '../view/words';
import type { Entry, LiveJob } from './store';

export type Tone =
  'waiting' | 'held' | 'running' | 'done' | 'failed' | 'cancelled' | 'unknown' | 'changed';

/** What a cell's badge says and offers. */
export type BadgeFacts = {
  readonly tone: Tone;
  readonly text: string;
  /** The whole story, where the text is short. */
  readonly title: string;
  /** What the small button beside the text does. */
  readonly offer: 'cancel' | 'dismiss' | null;
  /** What a click on the text does. */
  readonly click: 'open' | 'show' | 'reload';
  /** It counts time and so wants to be asked again. */
  readonly ticks: boolean;
};

/** What a badge depends on beside its job. */
export interface ISurroundings {
  /** What people call the job's scheduler. */
  readonly clusterOf: (job: Job) => string;
  /** The notebook holds what is not saved yet. */
  readonly isDirty: boolean;
}

export function badgeFacts(
  { job: live, cell }: Entry,
  nowMs: number,
  trans: TranslationBundle,
  surroundings: ISurroundings
): BadgeFacts {
  const { job } = live;
  const told = job
    ? tell({ job: live, cell }, job, nowMs, trans, surroundings)
    : unsent({ job: live, cell }, trans);
  const said: BadgeFacts = {
    title: '',
    ticks: false,
    click: 'open',
    offer: live.hasEnded ? 'dismiss' : job?.can.includes('cancel') ? 'cancel' : null,
    ...told,
    text: told.bare ? told.text : `${live.profileTitle} · ${told.text}`
  };
  if (cell.fate !== 'open' || !(cell.isChanged || cell.ranHere || cell.isUnsure)) {
    return said;
  }
  const facts = cell.isUnsure ? { ...said, title: likeness(live, trans) } : said;
  const why = reasonToWait({ job: live, cell }, trans);
  if (cell.waits && (live.hasEnded || cell.live.hasNews) && cell.hasResult) {
    const text = live.hasEnded ? why : `${facts.text} · ${why}`;
    return {
      ...facts,
      tone: 'changed',
      text: `${text} · ${trans.__('show result')}`,
      click: 'show'
    };
  }
  return cell.waits ? { ...facts, tone: 'changed', text: `${facts.text} · ${why}` } : facts;
}

function reasonToWait({ job: live, cell }: Entry, trans: TranslationBundle): string {
  if (cell.isUnsure) {
    return trans.__('sent from “%1”', PathExt.basename(live.likeness ?? ''));
  }
  return cell.isChanged ? trans.__('changed since it was sent') : trans.__('ran here meanwhile');
}

function likeness({ likeness: path }: LiveJob, trans: TranslationBundle): string {
  return trans.__(
    'It was sent from “%1”, which is not there any more. The cells are the same here: show the result if this is that notebook under another name.',
    path ?? ''
  );
}

type Told = Partial<BadgeFacts> & { tone: Tone; text: string; bare?: boolean };

function unsent({ job: live }: Entry, trans: TranslationBundle): Told {
  return live.error === null
    ? { tone: 'waiting', text: trans.__('sending') }
    : { tone: 'failed', text: trans.__('Not sent: %1', live.error), title: live.error, bare: true };
}

function tell(
  entry: Entry,
  job: Job,
  nowMs: number,
  trans: TranslationBundle,
  surroundings: ISurroundings
): Told {
  const { job: live, cell } = entry;
  const { status, durationS, error } = cell.live.cell;
  const reason = said(job.reason?.text, trans);
  // Below a second there is nothing worth a number.
  const end = durationS === null || durationS < 1 ? '' : duration(durationS * 1000);
  if (status === 'ok') {
    const done = trans.__('done %1', end).trim();
    return cell.fate === 'elsewhere'
      ? elsewhere(done, surroundings.isDirty, trans)
      : { tone: 'done', text: done };
  }
  if (status === 'error') {
    const title = error ? `${String(error.ename)}: ${String(error.evalue)}` : reason;
    return { tone: 'failed', text: trans.__('failed %1', end).trim(), title };
  }
  if (live.hasEnded) {
    return ended(entry, job, reason, trans);
  }
  return open(entry, job, nowMs, trans, surroundings.clusterOf(job));
}

/** The cell is still to come to its end: how the job is, in the word that its row says, and only then how the cell is. */
function open(
  entry: Entry,
  job: Job,
  nowMs: number,
  trans: TranslationBundle,
  cluster: string
): Told {
  const { status, startedAt } = entry.cell.live.cell;
  const { word, rest } = sentence(job, trans, cluster);
  const title = word + rest;
  if (isStale(job)) {
    const since = clock(job.stale_since ?? job.created_at);
    return { tone: 'unknown', text: trans.__('no word since %1', since), title };
  }
  const text = stateWord(job, trans).toLocaleLowerCase();
  if (job.cancel_requested_at !== null) {
    return { tone: 'cancelled', text, title };
  }
  switch (job.state) {
    case 'unknown':
      return { tone: 'unknown', text, title };
    case 'held':
      return { tone: 'held', text, title };
    case 'submitting':
      return { tone: 'waiting', text, title };
    case 'queued': {
      const time = since(countsFrom(job), nowMs);
      return { tone: 'waiting', text: `${text} ${time}`, title, ticks: true };
    }
  }
  if (status === 'running') {
    return { tone: 'running', text: since(startedAt, nowMs), title, ticks: true };
  }
  // It has not been heard of the cell itself: the job has, and this is the cell that it begins or goes on with.
  return job.state === 'completing' || isNext(entry, job)
    ? { tone: 'running', text, title }
    : { tone: 'waiting', text: trans.__('in line'), title: trans.__('Other cells run before it.') };
}

/** Whether all cells that run before this one have ended. */
function isNext({ job: live, cell }: Entry, { source }: Job): boolean {
  const outputsOf = (id: string) => live.cells.get(id)?.live.cell ?? live.before.get(id);
  const next = source.cells.find(({ id }) => !outputsOf(id)?.hasEnded);
  return next === undefined || next.id === cell.id;
}

/** The job is over and the cell did not come to its end. */
function ended(
  { job: live, cell }: Entry,
  job: Job,
  reason: string,
  trans: TranslationBundle
): Told {
  const hasStarted = cell.live.cell.status !== 'waiting';
  if (job.state === 'cancelled') {
    const text = hasStarted ? trans.__('cancelled') : trans.__('not run: cancelled');
    return { tone: 'cancelled', text, title: reason };
  }
  if (hasStarted) {
    return { tone: 'failed', text: trans.__('stopped'), title: reason };
  }
  const failure = live.failedBefore?.error;
  if (failure) {
    const name = String(failure.ename);
    const title = `${name}: ${String(failure.evalue)}`;
    return { tone: 'failed', text: trans.__('not run: %1 in a cell before it', name), title };
  }
  const hasFailed = [...live.cells.values()].some(other => other.live.cell.status === 'error');
  if (hasFailed) {
    return { tone: 'cancelled', text: trans.__('not run: a cell before it failed') };
  }
  return { tone: 'failed', text: trans.__('not run'), title: reason };
}

/** The file may have it or not: this page does not know when the other window saves. */
function elsewhere(done: string, isDirty: boolean, trans: TranslationBundle): Told {
  const text = `${done} · ${trans.__('kept in another window')}`;
  const where = trans.__('Another window has put this result into its copy of the notebook.');
  if (isDirty) {
    // JupyterLab asks about two versions of a file when it saves; nothing of this window's is lost before.
    const own = trans.__('This window has changes of its own that are not saved.');
    return { tone: 'done', text, title: `${where} ${own}` };
  }
  const reload = trans.__('When it is saved there, reload the notebook here to have it too.');
  return {
    tone: 'done',
    text: `${text} · ${trans.__('reload')}`,
    title: `${where} ${reload}`,
    click: 'reload'
  };
}

function since(time: string | null, nowMs: number): string {
  return time === null ? '' : duration(nowMs - Date.parse(time));
}
