import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { countActive } from '../api/states';
import { IJobs } from '../tokens';
import { CommandIDs } from './ids';
import { lazily } from './lazy';

export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:status',
  description: 'Says in the status bar how many jobs run and wait.',
  autoStart: true,
  requires: [IJobs],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    bar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    if (!bar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    jobs.listen();
    const isActive = () => countActive(jobs.snapshot.counts) > 0;
    const register = lazily(async () => {
      const { statusWidget } = await import('../view/status');
      const onOpen = () => void app.commands.execute(CommandIDs.showPanel);
      bar.registerStatusItem('jupyterlab-compute:status', {
        item: statusWidget(trans, jobs, onOpen),
        align: 'left',
        rank: 10,
        priority: 1,
        isActive,
        activeStateChanged: jobs.changed
      });
    });
    // Who has no job has no item either, and loads nothing for it.
    jobs.changed.connect(() => {
      if (isActive()) {
        void register();
      }
    });
  }
};
