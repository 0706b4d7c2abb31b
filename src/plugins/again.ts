import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job, NewJob } from '../api/types';
import type { ISubject } from '../notebook/subject';
import { openSubject, savedSubject } from '../notebook/subject';
import type { IJobs } from '../tokens';

export interface IAgainOptions {
  readonly contents: Contents.IManager;
  readonly jobs: Pick<IJobs, 'file'>;
  readonly trans: TranslationBundle;
  /** The notebook that an editor shows; null: none does. */
  panelAt(path: string): NotebookPanel | null;
}

/** What an earlier job ran, and how it was asked for, so that both can be changed. */
export type Earlier = Readonly<{
  subject: ISubject;
  request: Partial<NewJob>;
  /** What is not as it was. */
  note?: string;
}>;

/** Reads what a job was, from its run folder where that is there. */
export class Again {
  constructor(private readonly _options: IAgainOptions) {}

  async of(job: Job): Promise<Earlier> {
    const [request, found] = await Promise.all([this._request(job), this._subject(job)]);
    return { request, ...found };
  }

  /** As it was asked for. Without the run folder, as far as the job tells. */
  private async _request(job: Job): Promise<Partial<NewJob>> {
    const { resources, before, parameters, name } = job;
    const told = { resources, before, parameters };
    try {
      const text = await this._options.jobs.file(job.id, 'request.json');
      const { key, source, profile, ...asked } = JSON.parse(text) as NewJob;
      // What the profile gave by itself is a value of that job too.
      return { ...told, ...asked, resources: { ...resources, ...asked.resources } };
    } catch {
      const { queue, account, kernel } = job;
      const others = { queue: queue ?? undefined, account: account ?? undefined, kernel };
      return { ...told, ...others, name };
    }
  }

  /** The notebook as it stands now; where it or some of the job's cells are gone, as it was. */
  private async _subject({ id, source }: Job): Promise<Omit<Earlier, 'request'>> {
    const { jobs, trans } = this._options;
    const ofCells = source.kind === 'cells';
    const chosen = ofCells
      ? source.cells.filter(({ role }) => role === 'selected').map(cell => cell.id)
      : null;
    const isWhole = ({ cells }: ISubject) => {
      const there = new Set(cells.map(cell => cell.id));
      return chosen === null || chosen.every(cell => there.has(cell));
    };
    const now = await this._now(source.path, chosen);
    if (now && isWhole(now)) {
      return { subject: now };
    }
    const then = JSON.parse(await jobs.file(id, 'input.ipynb')) as unknown;
    const note = now
      ? trans.__('Cells of this job are no longer in the notebook: it runs as it was then.')
      : trans.__('The notebook is no longer there: it runs as it was then.');
    return { subject: savedSubject(source.path, then, chosen, true), note };
  }

  private async _now(path: string, chosen: string[] | null): Promise<ISubject | null> {
    const { contents, panelAt } = this._options;
    const panel = panelAt(path);
    if (panel) {
      return openSubject(panel, contents, chosen);
    }
    try {
      const { content } = await contents.get(path, { type: 'notebook', content: true });
      return savedSubject(path, content, chosen);
    } catch {
      return null;
    }
  }
}
