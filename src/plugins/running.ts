import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, showDialog } from '@jupyterlab/apputils';
import type { IRunningSessions } from '@jupyterlab/running';
import { IRunningSessionManagers } from '@jupyterlab/running';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';

import { countActive, isActive } from '../api/states';
import type { Job } from '../api/types';
import type { JobsSnapshot } from '../tokens';
import { IJobs } from '../tokens';
import { CommandIDs } from './ids';
import { lazily } from './lazy';
import { tell } from './messages';

const activeOf = ({ jobs }: JobsSnapshot): readonly Job[] =>
  jobs.filter(({ state }) => isActive(state));

/** Every active job, also those that are older than what was loaded. */
async function allActive(jobs: IJobs): Promise<readonly Job[]> {
  await jobs.refresh();
  for (;;) {
    const { snapshot } = jobs;
    const active = activeOf(snapshot);
    if (active.length >= countActive(snapshot.counts) || !snapshot.hasMore || snapshot.error) {
      return active;
    }
    await jobs.more();
  }
}

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

    const cancelAll = async () => {
      const some = (await allActive(jobs)).filter(({ can }) => can.includes('cancel'));
      const answers = await Promise.allSettled(some.map(({ id }) => jobs.cancel(id)));
      // One that has just ended by itself is no reason not to cancel the others.
      const refused = answers.filter(({ status }) => status === 'rejected');
      if (refused.length) {
        const title = trans._n(
          '%1 job was not cancelled',
          '%1 jobs were not cancelled',
          refused.length
        );
        await tell(title, (refused[0] as PromiseRejectedResult).reason, trans);
      }
    };
    commands.addCommand(CommandIDs.cancelAll, {
      describedBy: { args: { type: 'object', properties: {} } },
      label: trans.__('Cancel all jobs…'),
      caption: trans.__('Cancel everything that runs or waits'),
      icon: closeIcon,
      execute: async () => {
        await jobs.refresh();
        const some = countActive(jobs.snapshot.counts);
        const question = trans._n(
          '%1 job runs or waits. It is cancelled; outputs up to now are kept.',
          '%1 jobs run or wait. All of them are cancelled; outputs up to now are kept.',
          some
        );
        const { button } = await showDialog({
          title: some ? trans.__('Cancel all jobs?') : trans.__('No job is active'),
          body: some ? question : trans.__('Nothing runs and nothing waits.'),
          buttons: some
            ? [
                Dialog.cancelButton({ label: trans.__('Go back') }),
                Dialog.warnButton({ label: trans.__('Cancel all') })
              ]
            : [Dialog.okButton({ label: trans.__('Close') })]
        });
        if (some && button.accept) {
          await cancelAll();
        }
      }
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
      shutdownAll: () => void cancelAll()
    });
  }
};
