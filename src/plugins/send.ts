import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { PathExt } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';

import { toComputeError } from '../api/errors';
import type { Before, Job, NewJob, Profile } from '../api/types';
import { neededCells } from '../notebook/needs';
import { cellsSource, notebookSource, selectedCodeCells, serverPath } from '../notebook/source';
import type { ISubject } from '../notebook/subject';
import { openSubject, savedSubject } from '../notebook/subject';
import type { IJobs, IProfiles } from '../tokens';
import type { BeforeAnswer } from '../view/before';
import type { Beginning } from './form';
import { tell } from './messages';

/** How a run was asked for. */
export type Wish = Readonly<{ profile?: string; ask?: boolean }>;

export interface ISenderOptions {
  readonly jobs: IJobs;
  readonly profiles: IProfiles;
  readonly contents: Contents.IManager;
  readonly languages: IEditorLanguageRegistry | null;
  readonly settings: Promise<ISettingRegistry.ISettings | null>;
  readonly trans: TranslationBundle;
  /** The notebook that an editor shows; null: none does. */
  panelAt(path: string): NotebookPanel | null;
  /** Shows all that one may say of a run, and runs it. Null: the person left. */
  fillIn(subject: ISubject, beginning: Beginning): Promise<Job | null>;
}

/** What is to run, and what is known of it. */
interface IWhere {
  readonly path: string;
  readonly cells: string[];
  readonly profile: string | undefined;
  readonly title?: string;
  readonly request?: Partial<NewJob>;
  readonly said?: Partial<NewJob>;
  readonly note?: string;
  /** Null: it does not lie on this server. */
  subject(): Promise<ISubject | null>;
}

/** To be asked for all else first, with what has been said. */
type Ask = Readonly<{ ask: Partial<NewJob> }>;
type Make = (title: string) => Promise<Omit<NewJob, 'profile'> | Ask | null>;
type Prepared = Pick<NewJob, 'before' | 'before_cell_ids'>;

/** Makes requests of notebooks and sends them. Failures are told to the user; nothing is thrown. */
export class Sender {
  private readonly _busy = new Set<string>();

  constructor(private readonly _options: ISenderOptions) {}

  /** The selected cells, with what they need before them. Null: nothing was sent. */
  async cells(panel: NotebookPanel, { profile, ask = false }: Wish): Promise<Job | null> {
    const ids = selectedCodeCells(panel);
    const subject = async () => openSubject(panel, this._options.contents, ids);
    const where = { path: panel.context.path, cells: ids, profile, subject };
    return ask
      ? this._ask(where)
      : this._send(where, async title => {
          const before = await this._before(panel, ids, title);
          const source = cellsSource(panel, this._options.contents, ids);
          if (before && 'ask' in before) {
            return before;
          }
          return before && { source, ...before, ...kernelOf(panel) };
        });
  }

  /** The whole notebook as it stands in the editor. */
  async notebook(panel: NotebookPanel, { profile, ask = false }: Wish): Promise<Job | null> {
    const { contents } = this._options;
    const subject = async () => openSubject(panel, contents, null);
    const where = { path: panel.context.path, cells: [], profile, subject };
    return ask
      ? this._ask(where)
      : this._send(where, async () => ({
          source: notebookSource(panel, contents),
          ...kernelOf(panel)
        }));
  }

  /** A notebook as it was saved. */
  async file(path: string, { profile, ask = false }: Wish): Promise<Job | null> {
    const { contents } = this._options;
    const local = serverPath(path, contents) ?? path;
    const subject = async () => {
      const { content } = await contents.get(path, { type: 'notebook', content: true });
      return savedSubject(local, content, null);
    };
    const where = { path, cells: [], profile, subject };
    return ask
      ? this._ask(where)
      : this._send(where, async () => ({ source: { kind: 'notebook', path: local } }));
  }

  /** The form with the values of an earlier job; what runs is the notebook as it stands now. */
  async again({ id }: Pick<Job, 'id'>): Promise<Job | null> {
    const { contents, jobs, profiles, trans } = this._options;
    try {
      const job = await jobs.get(id);
      const { Again } = await import('./again');
      const again = new Again({ contents, jobs, trans, panelAt: this._options.panelAt });
      await profiles.load();
      const { request, subject, note } = await again.of(job);
      return await this._ask({
        path: job.source.path,
        cells: subject.chosen ? [...subject.chosen] : [],
        profile: profiles.find(job.profile)?.name,
        subject: async () => subject,
        title: trans.__('Run “%1” again', job.name),
        request,
        note
      });
    } catch (error) {
      await tell(trans.__('The job cannot be edited'), error, trans);
      return null;
    }
  }

  private _send(where: IWhere, make: Make): Promise<Job | null> {
    const { jobs, trans } = this._options;
    return this._once(
      where,
      async () => {
        const place = await this._placeOf(where);
        const request = await make(place.title);
        if (request && 'ask' in request) {
          const subject = await where.subject();
          return subject && (await this._fillIn(subject, { ...where, said: request.ask }));
        }
        try {
          return request && (await jobs.submit({ ...request, profile: place.name }));
        } catch (problem) {
          const { status, pointer } = toComputeError(problem);
          const subject = await where.subject().catch(() => null);
          if (status !== 422 || !pointer || pointer.startsWith('/source') || !subject) {
            throw problem;
          }
          // A value is missing or wrong: where it can be mended, it is.
          return this._fillIn(subject, { ...where, request: request ?? undefined }, problem);
        }
      },
      trans
    );
  }

  /** Shows the form first. */
  private _ask(where: IWhere): Promise<Job | null> {
    return this._once(
      where,
      async () => {
        const subject = await where.subject();
        return subject && (await this._fillIn(subject, where));
      },
      this._options.trans
    );
  }

  private async _fillIn(subject: ISubject, where: IWhere, problem?: unknown): Promise<Job | null> {
    const { trans } = this._options;
    const place = await this._placeOf(where);
    const { before } = await this._usual();
    const name = PathExt.basename(subject.path);
    const title = subject.chosen
      ? trans._n('Run %1 cell of %2', 'Run %1 cells of %2', subject.chosen.length, name)
      : trans.__('Run %1', name);
    const { request, said, note } = where;
    const beginning = { title: where.title ?? title, profile: place, before, note, problem };
    return this._options.fillIn(subject, { ...beginning, request, said });
  }

  /** Where it is to run. Rejects when there is no such place. */
  private async _placeOf({ profile }: Pick<IWhere, 'profile'>): Promise<Profile> {
    const { profiles, trans } = this._options;
    await profiles.load();
    const { current, error } = profiles.snapshot;
    const place = profile === undefined ? current : profiles.find(profile);
    if (!place) {
      throw error ?? new Error(trans.__('No profile is set up: add one in the settings.'));
    }
    return place;
  }

  /** What cannot be done is told; the same once more while it is on its way is an impatient finger, not a second wish. */
  private async _once(
    { path, cells, profile }: IWhere,
    act: () => Promise<Job | null>,
    trans: TranslationBundle
  ): Promise<Job | null> {
    const wish = JSON.stringify([path, cells, profile]);
    if (this._busy.has(wish)) {
      return null;
    }
    this._busy.add(wish);
    try {
      if (serverPath(path, this._options.contents) === null) {
        throw new Error(trans.__('It does not lie on this server: save a copy here and run that.'));
      }
      return await act();
    } catch (error) {
      await tell(trans.__('“%1” was not sent', PathExt.basename(path)), error, trans);
      return null;
    } finally {
      this._busy.delete(wish);
    }
  }

  /** What the settings say of cells before the chosen ones, and whether to show them. */
  private async _usual(): Promise<{ before: Before; asks: boolean }> {
    const settings = await this._options.settings;
    return {
      before: (settings?.get('before').composite as Before | undefined) ?? 'needed',
      asks: (settings?.get('ask_before').composite as boolean | undefined) ?? true
    };
  }

  /** What runs before the cells: as set, or as answered. Null: the user went back. */
  private async _before(
    panel: NotebookPanel,
    ids: string[],
    place: string
  ): Promise<Prepared | Ask | null> {
    const { languages, trans } = this._options;
    const { before: usual, asks } = await this._usual();
    const needed = languages ? await neededCells(panel, ids, languages) : null;
    // Where nobody can tell which cells are needed, all above are.
    const before = needed || usual !== 'needed' ? usual : 'above';
    if (before !== 'needed' || !asks || !needed?.ids.length) {
      return prepared({ before }, needed?.ids);
    }
    const { askBefore } = await import('../view/before');
    const answer = await askBefore({
      title: trans._n('Run %1 cell on %2', 'Run %1 cells on %2', ids.length, place),
      cells: cellsAbove(panel, ids),
      needed: needed.ids,
      reasons: needed.reasons,
      unresolved: needed.unresolved,
      before,
      trans
    });
    if (answer?.remember) {
      const settings = await this._options.settings;
      await settings?.set('before', answer.before);
      await settings?.set('ask_before', false);
    }
    if (answer?.isMore) {
      return { ask: { before: answer.before, before_cell_ids: answer.ids } };
    }
    return answer && prepared(answer, answer.ids);
  }
}

function prepared({ before }: Pick<BeforeAnswer, 'before'>, needed: string[] = []): Prepared {
  if (before !== 'needed') {
    return { before };
  }
  return needed.length ? { before, before_cell_ids: needed } : { before: 'nothing' };
}

/** A notebook that names no kernel runs with the one it is connected to. */
function kernelOf(panel: NotebookPanel): Pick<NewJob, 'kernel'> {
  const named = panel.context.model.sharedModel.metadata.kernelspec?.name;
  const running = panel.sessionContext.session?.kernel?.name;
  return named || !running ? {} : { kernel: running };
}

/** The code cells above the last chosen one, without the chosen ones. */
function cellsAbove(panel: NotebookPanel, ids: string[]) {
  const chosen = new Set(ids);
  const cells = panel.context.model.sharedModel.cells.filter(cell => cell.cell_type === 'code');
  const last = cells.map(cell => chosen.has(cell.getId())).lastIndexOf(true);
  return cells
    .slice(0, Math.max(last, 0))
    .filter(cell => !chosen.has(cell.getId()) && cell.getSource().trim() !== '')
    .map(cell => ({ id: cell.getId(), source: cell.getSource() }));
}
