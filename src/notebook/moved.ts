import type { ISharedCodeCell } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';

import type { Job } from '../api/types';
import { codeCell } from './commit';
import type { OpenNotebooks } from './open';
import { sha256 } from './sha256';

/**
 * Finds the notebook of a job among those that are open under another name.
 *
 * A job knows its notebook by the path that it was sent from: a notebook has no other name on the server. While a page is open
 * it follows when that changes; after a reload only the cells are left, whose ids come with the file from nbformat 4.5 on.
 *
 * That is a likeness and no proof, since a copy of a notebook has the same ids. So it counts only where nothing lies any more at
 * the path that the job was sent from, only if no other open notebook is as like, and nothing is shown or written before the
 * user has said that this is the one.
 */
export class Lookalikes {
  constructor(
    private readonly _open: OpenNotebooks,
    private readonly _contents: Pick<Contents.IManager, 'get'>
  ) {}

  /** The path of the one open notebook that may be the one that this job was sent from; null: none, or several. */
  async find(job: Job): Promise<string | null> {
    const { path } = job.source;
    const isWorthIt = this._like(job) !== null && !this._there.has(path);
    if (!isWorthIt || this._asking.has(path)) {
      return null;
    }
    this._asking.add(path);
    const isThere = await this._isThere(path);
    this._asking.delete(path);
    if (isThere) {
      this._there.add(path);
      return null;
    }
    return this._like(job);
  }

  /** What was found at its path may lie there no longer. */
  forget(): void {
    this._there.clear();
  }

  private _like(job: Job): string | null {
    const [path, ...others] = this._open.paths.filter(each => {
      const notebook = this._open.model(each);
      return notebook !== null && isAlike(job, notebook);
    });
    return path !== undefined && others.length === 0 ? path : null;
  }

  /** Whether something lies there; also when nobody knows. */
  private async _isThere(path: string): Promise<boolean> {
    try {
      await this._contents.get(path, { content: false });
      return true;
    } catch (error) {
      return (error as { response?: Response }).response?.status !== 404;
    }
  }

  private readonly _asking = new Set<string>();
  private readonly _there = new Set<string>();
}

/** Whether all cells that were chosen are in this notebook, and one at least as it was sent. */
function isAlike({ source }: Job, notebook: INotebookModel): boolean {
  const sent = source.cells.filter(({ role }) => role === 'selected');
  const found = sent.map(({ id }) => codeCell(notebook, id));
  const isSame = ({ source_sha256 }: (typeof sent)[number], at: number) =>
    source_sha256 === sha256((found[at]?.sharedModel as ISharedCodeCell).getSource());
  return sent.length > 0 && found.every(cell => cell !== null) && sent.some(isSame);
}
