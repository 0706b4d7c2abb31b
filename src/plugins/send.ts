import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { PathExt } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Before, Job, NewJob } from '../api/types';
import { neededCells } from '../notebook/needs';
import { cellsSource, notebookSource, selectedCodeCells, serverPath } from '../notebook/source';
import type { IJobs, IProfiles } from '../tokens';
import type { BeforeAnswer } from '../view/before';
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
}

type Prepared = Pick<NewJob, 'before' | 'before_cell_ids'>;

/** Makes requests of notebooks and sends them. Failures are told to the user; nothing is thrown. */
export class Sender {
  private readonly _busy = new Set<string>();

  constructor(private readonly _options: ISenderOptions) {}

  /** The selected cells, with what they need before them. Null: nothing was sent. */
  async cells(panel: NotebookPanel, { profile, ask = false }: Wish): Promise<Job | null> {
    const ids = selectedCodeCells(panel);
    return this._send(panel.context.path, ids, profile, async title => {
      const before = await this._before(panel, ids, title, ask);
      const source = cellsSource(panel, this._options.contents, ids);
      return before && { source, ...before, ...kernelOf(panel) };
    });
  }

  /** The whole notebook as it stands in the editor. */
  async notebook(panel: NotebookPanel, { profile }: Wish): Promise<Job | null> {
    return this._send(panel.context.path, [], profile, async () => {
      const source = notebookSource(panel, this._options.contents);
      return { source, ...kernelOf(panel) };
    });
  }

  /** A notebook as it was saved. */
  async file(path: string, { profile }: Wish): Promise<Job | null> {
    const local = serverPath(path, this._options.contents) ?? path;
    return this._send(path, [], profile, async () => ({
      source: { kind: 'notebook', path: local }
    }));
  }

  private async _send(
    path: string,
    cells: string[],
    profile: string | undefined,
    make: (title: string) => Promise<Omit<NewJob, 'profile'> | null>
  ): Promise<Job | null> {
    const { contents, jobs, profiles, trans } = this._options;
    // The same once more while it is on its way: an impatient finger, not a second wish.
    const wish = JSON.stringify([path, cells, profile]);
    if (this._busy.has(wish)) {
      return null;
    }
    this._busy.add(wish);
    try {
      if (serverPath(path, contents) === null) {
        throw new Error(trans.__('It does not lie on this server: save a copy here and run that.'));
      }
      await profiles.load();
      const { current, error } = profiles.snapshot;
      const place = profile === undefined ? current : profiles.find(profile);
      if (!place) {
        throw error ?? new Error(trans.__('No profile is set up: add one in the settings.'));
      }
      const request = await make(place.title);
      return request && (await jobs.submit({ ...request, profile: place.name }));
    } catch (error) {
      await tell(trans.__('“%1” was not sent', PathExt.basename(path)), error, trans);
      return null;
    } finally {
      this._busy.delete(wish);
    }
  }

  /** What runs before the cells: as set, or as answered. Null: the user went back. */
  private async _before(
    panel: NotebookPanel,
    ids: string[],
    place: string,
    ask: boolean
  ): Promise<Prepared | null> {
    const { languages, trans } = this._options;
    const settings = await this._options.settings;
    const usual = (settings?.get('before').composite as Before | undefined) ?? 'needed';
    const asks = (settings?.get('ask_before').composite as boolean | undefined) ?? true;
    const needed = languages ? await neededCells(panel, ids, languages) : null;
    // Where nobody can tell which cells are needed, all above are.
    const before = needed || usual !== 'needed' ? usual : 'above';
    const isNews = before === 'needed' && asks && (needed?.ids.length ?? 0) > 0;
    if (!ask && !isNews) {
      return prepared({ before }, needed?.ids);
    }
    const { askBefore } = await import('../view/before');
    const answer = await askBefore({
      title: trans._n('Run %1 cell on %2', 'Run %1 cells on %2', ids.length, place),
      cells: cellsAbove(panel, ids),
      needed: needed?.ids ?? [],
      reasons: needed?.reasons ?? new Map(),
      unresolved: needed?.unresolved ?? [],
      before,
      trans
    });
    if (answer?.remember) {
      await settings?.set('before', answer.before);
      await settings?.set('ask_before', false);
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
