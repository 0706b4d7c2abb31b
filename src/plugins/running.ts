import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import type { IRunningSessions } from '@jupyterlab/running';
import { IRunningSessionManagers } from '@jupyterlab/running';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';

import { isActive } from '../api/states';
import type { Job } from '../api/types';
import type { JobsSnapshot } from '../tokens';
import { IJobs } from '../tokens';
import { CommandIDs } from './ids';
import { lazily } from './lazy';

const activeOf = ({ jobs }: JobsSnapshot): readonly Job[] =>
  jobs.filter(({ state }) => isActive(state));

export const runningPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:running',
  description: 'Lists the active jobs in the Running panel, and cancels all of them when asked to.',
  autoStart: true,
  requires: [IJobs],
  optional: [IRunningSessionManagers, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    managers: IRunningSessionManagers | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');

    const all = lazily(() => import('./cancelAll'));
    commands.addCommand(CommandIDs.cancelAll, {
      describedBy: { args: { type: 'object', properties: {} } },
      label: trans.__('Cancel all jobs…'),
      caption: trans.__('Cancel everything that runs or waits'),
      icon: closeIcon,
      execute: async () => (await all()).askAndCancelAll(jobs, trans)
    });
    palette?.addItem({ command: CommandIDs.cancelAll, category: trans.__('Compute') });
    if (!managers) {
      return;
    }

    jobs.listen();
    const act = (command: string) => (id: string) => void commands.execute(command, { id });
    const events = { onOpen: act(CommandIDs.openJob), onCancel: act(CommandIDs.cancelJob) };
    const view = lazily(() => import('../view/running'));
    const changed = new Signal<object, void>({});
    let items: IRunningSessions.IRunningItem[] = [];
    const draw = async () => {
      const { runningItems } = await view();
      items = runningItems(jobs.snapshot, trans, events);
      changed.emit();
    };
    let drawn: readonly Job[] = [];
    jobs.changed.connect(() => {
      const active = activeOf(jobs.snapshot);
      // Jobs that have ended are no news here, and a job that changed is another object.
      if (active.length !== drawn.length || active.some((job, i) => job !== drawn[i])) {
        drawn = active;
        void draw();
      }
    });
    managers.add({
      name: trans.__('Compute jobs'),
      running: () => items,
      runningChanged: changed,
      refreshRunning: () => void jobs.refresh(),
      shutdownLabel: trans.__('Cancel'),
      shutdownAllLabel: trans.__('Cancel All'),
      // A function, which could count them, means nothing to older JupyterLab 4.
      shutdownAllConfirmationText: trans.__(
        'All jobs that run or wait are cancelled. Outputs up to now are kept.'
      ),
      shutdownAll: () => void all().then(({ cancelAll }) => cancelAll(jobs, trans))
    });
  }
};
