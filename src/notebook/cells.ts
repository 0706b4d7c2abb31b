import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { Job } from '../api/types';
import type { IJobs, Sending } from '../tokens';
import { clusterTitle } from '../view/words';
import { Applier } from './apply';
import { Followers } from './follow';
import { LiveMounter } from './mounter';
import { Lookalikes } from './moved';
import type { Renaming } from './open';
import { OpenNotebooks } from './open';
import { LiveJob, LiveStore, sentCells } from './store';
import type { Entry } from './store';

export interface ILiveCellsOptions {
  readonly jobs: IJobs;
  readonly contents: Contents.IManager;
  readonly trans: TranslationBundle;
  /** Made up by this page when it loaded. */
  readonly page: string;
  /** A profile's title by its name. */
  readonly titleOf: (profile: string) => string;
  readonly openJob: (id: string) => void;
  /** Read the notebook from disk anew, if the user does not mind. */
  readonly reload: (panel: NotebookPanel) => Promise<void>;
  readonly onProblem: (problem: unknown) => void;
  readonly onNews: (text: string) => void;
}

/** Jobs that were sent from cells, and the notebooks that these cells stand in. */
export class LiveCells implements IDisposable {
  constructor(private _options: ILiveCellsOptions) {
    const { contents, jobs, page } = _options;
    this._open = new OpenNotebooks(contents);
    this._lookalikes = new Lookalikes(this._open, contents);
    this._open.renamed.connect(this._onRenamed, this);
    this._open.closed.connect(this._onClosed, this);
    this._applier = new Applier({
      jobs,
      page,
      store: this._store,
      notebook: path => this._open.model(path)
    });
    this._followers = new Followers({
      jobs,
      isOpen: path => this._open.has(path),
      onNews: live => {
        this._store.touch(live);
        void this._applier.apply(live);
      },
      onGone: live => this._drop(live)
    });
    jobs.sending.connect(this._onSending, this);
    jobs.submitted.connect(this._onSubmitted, this);
    jobs.changed.connect(this._onJobs, this);
    this._store.changed.connect(this._review, this);
    window.addEventListener('focus', this._onFocus);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Show in this notebook what was sent from it, now and when it was open before. */
  async add(panel: NotebookPanel): Promise<void> {
    await panel.context.ready;
    const path = this._open.pathOf(panel);
    if (path === null || panel.isDisposed || this._isDisposed) {
      return;
    }
    const now = () => this._open.pathOf(panel) ?? path;
    const mounter = new LiveMounter({
      panel,
      store: this._store,
      path: now,
      trans: this._options.trans,
      clusterOf: job => clusterTitle(job, this._options.jobs.snapshot.clusters),
      onChange: () => this._applyAll(now()),
      onOpen: ({ job }) => job && this._options.openJob(job.id),
      onCancel: ({ job }) => job && this._cancel(job.id),
      onReload: entry => void this._reload(panel, entry),
      onShow: ({ job, cell }) => void this._applier.show(job, cell),
      onDismiss: entry => this._dismiss(entry)
    });
    this._open.add(panel, path, mounter);
    this._store.of(path).forEach(live => this._followers.follow(live));
    this._applyAll(path);
    await this._restore(path);
    this._lookalikes.forget();
    this._onJobs();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.removeEventListener('focus', this._onFocus);
    Signal.clearData(this);
    this._open.dispose();
    this._followers.dispose();
    this._applier.dispose();
    this._store.dispose();
    this._use?.dispose();
  }

  /** Jobs of an earlier page, or of another one. */
  private async _restore(path: string): Promise<void> {
    try {
      (await this._options.jobs.ofNotebook(path)).forEach(job => this._meet(job));
    } catch {
      // Without the bridge there is nothing to show; whoever sends a job will be told.
    }
  }

  /** Another window may have sent cells of the same notebook; where nothing keeps the list current, nobody told us. */
  private readonly _onFocus = (): void => {
    if (!this._use) {
      this._open.paths.forEach(path => void this._restore(path));
    }
  };

  private _onSending(_: IJobs, { request, answer }: Sending): void {
    const { source, key, profile } = request;
    if (source.kind !== 'cells') {
      return;
    }
    const live = this._newJob(key, source.path, this._options.titleOf(profile), Date.now());
    live.expect(sentCells(source));
    this._pending.add(live);
    this._store.add(live);
    void answer
      .then(
        job => {
          live.update(job);
          this._followers.follow(live);
        },
        (error: unknown) => {
          live.error = error instanceof Error ? error.message : String(error);
        }
      )
      .finally(() => {
        this._pending.delete(live);
        if (!live.isDisposed) {
          this._store.touch(live);
        }
      });
  }

  /** Sent without its cells at hand: a retry. */
  private _onSubmitted(_: IJobs, job: Job): void {
    this._meet(job);
  }

  private _onJobs(): void {
    const { jobs, error } = this._options.jobs.snapshot;
    if (this._wasAway && !error) {
      this._followers.update();
    }
    this._wasAway = Boolean(error);
    for (const job of jobs) {
      if (job.source.kind === 'cells') {
        this._meet(job);
      }
    }
  }

  /** Takes news of a job; one that we do not know yet if its outputs are still to come into an open notebook. */
  private _meet(job: Job): void {
    const known = this._store.find(job.id);
    if (known) {
      if ((known.job?.revision ?? -1) < job.revision) {
        known.update(job);
        this._store.touch(known);
        this._followers.update(known);
        void this._applier.apply(known);
      }
      return;
    }
    const { kind, path } = job.source;
    const isExpected = [...this._pending].some(live => live.path === path);
    if (kind !== 'cells' || job.applied?.done || isExpected) {
      return;
    }
    if (this._open.has(path)) {
      this._take(job, path);
    } else {
      void this._lookalikes.find(job).then(like => {
        if (like !== null && !this._isDisposed && !this._store.find(job.id)) {
          this._take(job, like);
        }
      });
    }
  }

  private _take(job: Job, path: string): void {
    const live = this._newJob(job.id, path, job.profile_title, Date.parse(job.created_at));
    live.likeness = path === job.source.path ? null : job.source.path;
    live.update(job);
    this._store.add(live);
    this._followers.follow(live);
  }

  private _newJob(key: string, path: string, title: string, sentAtMs: number): LiveJob {
    const { trans } = this._options;
    return new LiveJob(key, path, title, sentAtMs, chars =>
      trans.__('… %1 kB before this: open the job to see all of it', Math.ceil(chars / 1000))
    );
  }

  private _drop(live: LiveJob): void {
    this._followers.unfollow(live);
    this._store.remove(live);
    // An older job may have waited behind it.
    this._applyAll(live.path);
  }

  private _applyAll(path: string): void {
    for (const live of this._store.of(path)) {
      this._applier.compare(live);
      void this._applier.apply(live);
    }
  }

  private _onClosed(_: OpenNotebooks, path: string): void {
    if (!this._open.has(path)) {
      for (const live of this._store.of(path)) {
        this._followers.unfollow(live);
        if (live.error !== null || live.isDecided) {
          this._store.remove(live);
        }
      }
    }
    this._review();
  }

  private _onRenamed(_: OpenNotebooks, { from, to }: Renaming): void {
    this._lookalikes.forget();
    this._store.rename(from, to);
  }

  private async _reload(panel: NotebookPanel, { job: live, cell }: Entry): Promise<void> {
    const { reload, onNews, onProblem, trans } = this._options;
    try {
      await reload(panel);
      await this._applier.apply(live);
      if (cell.fate === 'elsewhere') {
        onNews(trans.__('The other window has not saved the notebook yet: the file is as it was.'));
      }
    } catch (error) {
      onProblem(error);
    }
  }

  private _cancel(id: string): void {
    this._options.jobs.cancel(id).catch(this._options.onProblem);
  }

  private _dismiss({ job: live, cell }: Entry): void {
    const wasOpen = cell.fate === 'open';
    cell.fate = 'dismissed';
    if (live.error !== null) {
      this._drop(live);
      return;
    }
    this._store.touch(live);
    const isOurs = live.likeness === null && live.job?.applied === null;
    if (live.job && isOurs && wasOpen && live.hasEnded && live.isDecided) {
      // So that it does not ask again when the notebook is opened the next time.
      this._options.jobs.claimApplied(live.job.id, this._options.page, true).catch(() => undefined);
    }
  }

  /** The list of jobs is kept current for as long as an open notebook waits for one of them. */
  private _review(): void {
    const waits = this._store.jobs.some(
      live =>
        live.error === null && this._open.has(live.path) && !(live.isComplete && live.isDecided)
    );
    if (waits && !this._use) {
      this._use = this._options.jobs.use();
    } else if (!waits) {
      this._use?.dispose();
      this._use = null;
    }
  }

  private readonly _store = new LiveStore();
  private readonly _applier: Applier;
  private readonly _open: OpenNotebooks;
  private readonly _lookalikes: Lookalikes;
  private readonly _followers: Followers;
  private readonly _pending = new Set<LiveJob>();
  private _use: IDisposable | null = null;
  private _wasAway = false;
  private _isDisposed = false;
}
