import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import {
  closeIcon,
  deleteIcon,
  launchIcon,
  notebookIcon,
  refreshIcon
} from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { ComputeError } from '../api/errors';
import type { BulkAction, Job, JobAction } from '../api/types';
import { IJobs } from '../tokens';
import { scheduleIcon } from '../view/icons';
import { CommandIDs, ForeignIDs } from './ids';
import { tell } from './messages';

type Args = ReadonlyPartialJSONObject;

const JOBS = {
  type: 'object',
  properties: {
    id: { type: 'string', description: 'The job; the one that was right-clicked when left out.' },
    ids: { type: 'array', items: { type: 'string' }, description: 'Several jobs.' }
  }
} as const;

/** The rows that were selected, if the one that was right-clicked is among them. */
function rowsOf(row: HTMLElement): string[] {
  const isSelected = row.getAttribute('aria-selected') === 'true';
  // Most of what is selected may not be in the page now.
  const selected = row.closest<HTMLElement>('[data-selected]')?.dataset.selected?.split(' ');
  return isSelected && selected ? selected : [row.dataset.id ?? ''];
}

export const actionsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:actions',
  description: 'What one may want of jobs: cancel, run again, delete, open the result.',
  autoStart: true,
  requires: [IJobs],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, jobs: IJobs, translator: ITranslator | null): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');

    const jobsOf = ({ id, ids }: Args): Job[] => {
      const row = app.contextMenuHitTest(node => node.classList.contains('jp-Compute-jobRow'));
      const named = id !== undefined ? [String(id)] : (ids as string[] | undefined);
      return (named ?? (row ? rowsOf(row) : [])).flatMap(name => jobs.find(name) ?? []);
    };
    const thatCan = (args: Args, ...actions: JobAction[]): Job[] =>
      jobsOf(args).filter(({ can }) => actions.some(action => can.includes(action)));
    const namesOf = (some: Job[]): string =>
      some.length === 1
        ? trans.__('“%1”', some[0].name)
        : trans._n('%1 job', '%1 jobs', some.length);
    const each = async (some: Job[], title: string, act: (job: Job) => Promise<unknown>) => {
      try {
        await Promise.all(some.map(act));
      } catch (error) {
        await tell(title, error, trans);
      }
    };
    /** One wish for many: what could not be done is told together, once per reason. */
    const together = async (some: Job[], title: string, action: BulkAction) => {
      try {
        const ids = some.map(({ id }) => id);
        const { failed } = await jobs.bulk(action, ids);
        const why = new Map(failed.map(({ error }) => [error.code, error]));
        for (const { message, ...rest } of why.values()) {
          await tell(title, new ComputeError(message, rest), trans);
        }
      } catch (error) {
        await tell(title, error, trans);
      }
    };
    const confirmed = async (title: string, body: string, label: string): Promise<boolean> => {
      const buttons = [
        Dialog.cancelButton({ label: trans.__('Go back') }),
        Dialog.warnButton({ label })
      ];
      return (await showDialog({ title, body, buttons })).button.accept;
    };

    const cancel = async (some: Job[]) => {
      const running = some.filter(({ state }) => state === 'running');
      const title = trans.__('Cancel %1?', namesOf(some));
      const body = trans.__('What is running stops. Outputs up to now are kept.');
      if (
        running.length === 0 ||
        (await confirmed(title, body, trans._n('Cancel job', 'Cancel %1 jobs', some.length)))
      ) {
        const title = trans.__('Not cancelled');
        await (some.length > 1
          ? together(some, title, 'cancel')
          : each(some, title, ({ id }) => jobs.cancel(id)));
      }
    };
    commands.addCommand(CommandIDs.cancelJob, {
      describedBy: { args: JOBS },
      label: trans.__('Cancel'),
      icon: closeIcon,
      isVisible: args => thatCan(args, 'cancel').length > 0,
      execute: args => cancel(thatCan(args, 'cancel'))
    });

    commands.addCommand(CommandIDs.holdJob, {
      describedBy: { args: JOBS },
      label: trans.__('Hold'),
      caption: trans.__('Keep it in the queue without starting it'),
      isVisible: args => thatCan(args, 'hold').length > 0,
      execute: args => each(thatCan(args, 'hold'), trans.__('Not held'), ({ id }) => jobs.hold(id))
    });

    commands.addCommand(CommandIDs.releaseJob, {
      describedBy: { args: JOBS },
      label: trans.__('Release'),
      caption: trans.__('Let it start when its turn comes'),
      isVisible: args => thatCan(args, 'release').length > 0,
      execute: args =>
        each(thatCan(args, 'release'), trans.__('Not released'), ({ id }) => jobs.release(id))
    });

    const sending = new Set<string>();
    const retry = async ({ id }: Job) => {
      if (!sending.has(id)) {
        sending.add(id);
        await jobs.retry(id).finally(() => sending.delete(id));
      }
    };
    commands.addCommand(CommandIDs.retryJob, {
      describedBy: { args: JOBS },
      label: args =>
        thatCan(args, 'send_again').length > 0 ? trans.__('Send again') : trans.__('Run again'),
      icon: refreshIcon,
      isVisible: args => thatCan(args, 'retry', 'send_again').length > 0,
      execute: args => each(thatCan(args, 'retry', 'send_again'), trans.__('Not sent'), retry)
    });

    commands.addCommand(CommandIDs.deleteJob, {
      describedBy: { args: JOBS },
      label: args =>
        jobsOf(args).some(({ state }) => state === 'unknown')
          ? trans.__('Forget…')
          : trans.__('Delete…'),
      icon: deleteIcon,
      isVisible: args => thatCan(args, 'forget').length > 0,
      execute: async args => {
        const some = thatCan(args, 'forget');
        if (some.length === 0) {
          // Somebody pressed Delete on a job that is still active.
          const active = thatCan(args, 'cancel');
          return active.length ? cancel(active) : undefined;
        }
        const { button, isChecked } = await showDialog({
          title: trans.__('Delete %1?', namesOf(some)),
          body: trans.__(
            'It leaves this list, and its run folder with script, logs and outputs is deleted. Notebooks that were brought back stay.'
          ),
          checkbox: { label: trans.__('Keep the run folder'), checked: false },
          buttons: [
            Dialog.cancelButton({ label: trans.__('Go back') }),
            Dialog.warnButton({ label: trans.__('Delete') })
          ]
        });
        if (button.accept) {
          const files = isChecked ? 'keep' : 'delete';
          const title = trans.__('Not deleted');
          await (some.length > 1 && files === 'delete'
            ? together(some, title, 'forget')
            : each(some, title, ({ id }) => jobs.forget(id, files)));
        }
      }
    });

    commands.addCommand(CommandIDs.openResult, {
      describedBy: { args: JOBS },
      label: trans.__('Open result'),
      icon: launchIcon,
      isVisible: args => jobsOf(args).some(({ landed }) => landed !== null),
      execute: async args => {
        for (const { landed } of jobsOf(args)) {
          if (landed !== null) {
            await commands.execute(ForeignIDs.openDocument, { path: landed });
          }
        }
      }
    });

    const scheduleOf = (args: Args): string | null => {
      const some = jobsOf(args);
      return some.length === 1 ? some[0].schedule : null;
    };
    commands.addCommand(CommandIDs.openSchedule, {
      describedBy: { args: JOBS },
      label: trans.__('Open schedule'),
      caption: trans.__('Show the schedule that sent it'),
      icon: scheduleIcon,
      isVisible: args => scheduleOf(args) !== null,
      execute: async args => {
        const schedule = scheduleOf(args);
        return schedule && commands.execute(CommandIDs.showSchedules, { schedule });
      }
    });

    commands.addCommand(CommandIDs.openSource, {
      describedBy: { args: JOBS },
      label: trans.__('Open notebook'),
      icon: notebookIcon,
      isVisible: args => jobsOf(args).length === 1,
      execute: async args => {
        for (const { source } of jobsOf(args)) {
          await commands.execute(ForeignIDs.openDocument, { path: source.path });
        }
      }
    });
  }
};
