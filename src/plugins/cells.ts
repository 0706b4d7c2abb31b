import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';

import { toComputeError } from '../api/errors';
import { IJobs, IProfiles } from '../tokens';
import { CommandIDs, ForeignIDs } from './ids';
import { lazily } from './lazy';

/** JupyterLab shows nothing of a notification that does not say for how long. */
const SHOWN_MS = 10_000;

/** Shows what was sent from cells below these cells, and brings it into the notebook when it has ended. */
export const cellsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:cells',
  description:
    'Shows outputs of jobs live in the cells they were sent from, and commits them once.',
  autoStart: true,
  requires: [IJobs, INotebookTracker],
  optional: [IProfiles, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    tracker: INotebookTracker,
    profiles: IProfiles | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    const live = lazily(async () => {
      const { LiveCells } = await import('../notebook/cells');
      return new LiveCells({
        jobs,
        contents: app.serviceManager.contents,
        trans,
        page: UUID.uuid4(),
        titleOf: name => profiles?.find(name)?.title ?? name,
        openJob: id => void app.commands.execute(CommandIDs.openJob, { id }),
        reload: async panel => {
          app.shell.activateById(panel.id);
          await app.commands.execute(ForeignIDs.reload);
        },
        onNews: text => Notification.info(text, { autoClose: SHOWN_MS }),
        onProblem: problem =>
          Notification.error(toComputeError(problem).message, { autoClose: false })
      });
    });
    const add = async (_: unknown, panel: NotebookPanel) => (await live()).add(panel);
    tracker.forEach(panel => void add(tracker, panel));
    tracker.widgetAdded.connect((_, panel) => void add(tracker, panel));
  }
};
