import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import cancelledSvg from '../../style/icons/cancelled.svg';
import failedSvg from '../../style/icons/failed.svg';
import heldSvg from '../../style/icons/held.svg';
import runningSvg from '../../style/icons/running.svg';
import succeededSvg from '../../style/icons/succeeded.svg';
import unknownSvg from '../../style/icons/unknown.svg';
import waitingSvg from '../../style/icons/waiting.svg';
import type { Job } from '../api/types';
import { clock, duration } from '../view/units';
import { countsFrom, isStale, sentence, stateWord } from '../view/words';
import type { Entry, LiveJob } from './store';

export type Tone =
  'waiting' | 'held' | 'running' | 'done' | 'failed' | 'cancelled' | 'unknown' | 'changed';

/** The shape of each, and the colour that the style knows. */
const ICONS: Readonly<Record<Tone, { svg: string; tone: string }>> = {
  waiting: { svg: waitingSvg, tone: 'waiting' },
  held: { svg: heldSvg, tone: 'waiting' },
  running: { svg: runningSvg, tone: 'running' },
  done: { svg: succeededSvg, tone: 'good' },
  failed: { svg: failedSvg, tone: 'bad' },
  cancelled: { svg: cancelledSvg, tone: 'quiet' },
  unknown: { svg: unknownSvg, tone: 'quiet' },
  changed: { svg: waitingSvg, tone: 'waiting' }
};

/** What a cell's badge says and offers. */
export type BadgeFacts = {
  readonly tone: Tone;
  readonly text: string;
  /** The whole story, where the text is short. */
  readonly title: string;
  /** What the small button beside the text does. */
  readonly offer: 'cancel' | 'dismiss' | null;
  /** A click shows the result instead of the job. */
  readonly showsResult: boolean;
  /** It counts time and so wants to be asked again. */
  readonly ticks: boolean;
};

/** `clusterOf` tells what people call the job's scheduler. */
export function badgeFacts(
  { job: live, cell }: Entry,
  nowMs: number,
  trans: TranslationBundle,
  clusterOf: (job: Job) => string
): BadgeFacts {
  const { job } = live;
  const told = job
    ? tell({ job: live, cell }, job, nowMs, trans, clusterOf(job))
    : unsent({ job: live, cell }, trans);
  const said: BadgeFacts = {
    title: '',
    ticks: false,
    showsResult: false,
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
      showsResult: true
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
  cluster: string
): Told {
  const { job: live, cell } = entry;
  const { status, durationS, error } = cell.live.cell;
  const reason = job.reason?.text ?? '';
  // Below a second there is nothing worth a number.
  const end = durationS === null || durationS < 1 ? '' : duration(durationS * 1000);
  if (status === 'ok') {
    const done = trans.__('done %1', end).trim();
    return cell.fate === 'elsewhere'
      ? {
          tone: 'done',
          text: `${done} · ${trans.__('kept in another window')}`,
          title: elsewhere(trans)
        }
      : { tone: 'done', text: done };
  }
  if (status === 'error') {
    const title = error ? `${String(error.ename)}: ${String(error.evalue)}` : reason;
    return { tone: 'failed', text: trans.__('failed %1', end).trim(), title };
  }
  if (live.hasEnded) {
    return ended(entry, job, reason, trans);
  }
  return open(entry, job, nowMs, trans, cluster);
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

function elsewhere(trans: TranslationBundle): string {
  return trans.__(
    'Another window has put this result into its copy of the notebook. Reload the notebook from disk when that one is saved.'
  );
}

function since(time: string | null, nowMs: number): string {
  return time === null ? '' : duration(nowMs - Date.parse(time));
}

export interface IBadgeActions {
  open(): void;
  showResult(): void;
  cancel(): void;
  dismiss(): void;
}

/** The click follows the release of the pointer. */
const RELEASE_MS = 50;

/** The badge's element. Plain DOM: it hangs in a part of the cell that JupyterLab takes out and puts back as it likes. */
export class Badge {
  constructor(
    private _actions: IBadgeActions,
    private _trans: TranslationBundle
  ) {
    this.node = document.createElement('div');
    this.node.className = 'jp-Compute-badge';
    this._main = this._button('jp-Compute-badge-main', () =>
      this._facts?.showsResult ? this._actions.showResult() : this._actions.open()
    );
    this._icon = this._main.appendChild(document.createElement('span'));
    this._icon.className = 'jp-Compute-stateIcon';
    this._icon.setAttribute('aria-hidden', 'true');
    this._text = this._main.appendChild(document.createElement('span'));
    this._text.className = 'jp-Compute-badge-text';
    this.node.addEventListener('pointerdown', () => this._hold());
    this._offer = this._button('jp-Compute-badge-offer', () =>
      this._facts?.offer === 'cancel' ? this._actions.cancel() : this._actions.dismiss()
    );
  }

  readonly node: HTMLElement;

  update(facts: BadgeFacts): void {
    const before = this._facts;
    this._facts = facts;
    if (before?.tone !== facts.tone) {
      const { svg, tone } = ICONS[facts.tone];
      this.node.dataset.state = facts.tone;
      this._icon.dataset.state = facts.tone;
      this._icon.dataset.tone = tone;
      this._icon.innerHTML = svg;
    }
    if (before?.text !== facts.text) {
      this._text.textContent = facts.text;
    }
    if (
      before?.title !== facts.title ||
      before.showsResult !== facts.showsResult ||
      before.text !== facts.text
    ) {
      const does = facts.showsResult
        ? this._trans.__('Show the result')
        : this._trans.__('Open the job');
      this._main.title = [facts.text, facts.title, does].filter(Boolean).join('\n');
    }
    if (!before || before.offer !== facts.offer) {
      this._offer.hidden = facts.offer === null;
      this._offer.dataset.offer = facts.offer ?? '';
      this._offer.title =
        facts.offer === 'cancel'
          ? this._trans.__('Cancel the job')
          : this._trans.__('Remove this mark');
      this._offer.setAttribute('aria-label', this._offer.title);
    }
  }

  /** Pressing makes the cell active, its toolbar come and the badge give way: not before the press has become a click. */
  private _hold(): void {
    this.node.style.right = getComputedStyle(this.node).right;
    this.node.classList.add('jp-mod-pressed');
    const release = () => {
      this.node.style.right = '';
      this.node.classList.remove('jp-mod-pressed');
    };
    const ends = ['pointerup', 'pointercancel'];
    const end = () => {
      ends.forEach(type => window.removeEventListener(type, end, true));
      setTimeout(release, RELEASE_MS);
    };
    ends.forEach(type => window.addEventListener(type, end, true));
  }

  private _button(className: string, act: () => void): HTMLButtonElement {
    const button = this.node.appendChild(document.createElement('button'));
    button.className = className;
    button.type = 'button';
    // Neither select the cell nor start a drag.
    button.addEventListener('mousedown', event => event.stopPropagation());
    button.addEventListener('click', event => {
      event.stopPropagation();
      act();
    });
    return button;
  }

  private _facts: BadgeFacts | null = null;
  private readonly _main: HTMLButtonElement;
  private readonly _icon: HTMLElement;
  private readonly _text: HTMLElement;
  private readonly _offer: HTMLButtonElement;
}
