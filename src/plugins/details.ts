import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { Resources } from '../api/types';
import { IJobs, IProfiles } from '../tokens';
import type { JobDetails } from '../view/job/details';
import { CommandIDs, ForeignIDs, JOB_PAGE } from './ids';
import { tell } from './messages';
import { addPage } from './page';

export const detailsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:details',
  description: 'Opens a job in the main area: what became of it, and everything that it left.',
  autoStart: true,
  requires: [IJobs, IProfiles, IRenderMimeRegistry],
  optional: [ILayoutRestorer, ITranslator, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    profiles: IProfiles,
    rendermime: IRenderMimeRegistry,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null,
    lab: ILabShell | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    const tracker = new WidgetTracker<MainAreaWidget<JobDetails>>({ namespace: 'compute-jobs' });
    void restorer?.restore(tracker, {
      command: CommandIDs.openJob,
      args: ({ id }) => ({ id: id.slice(JOB_PAGE.length), quiet: true }),
      name: ({ id }) => id
    });
    const idsOf = (id: unknown): string[] => {
      const row = app.contextMenuHitTest(node => node.classList.contains('jp-Compute-jobRow'));
      return [id === undefined ? (row?.dataset.id ?? []) : String(id)].flat();
    };
    const run = (command: string) => (id: string) => void commands.execute(command, { id });

    const again = new Set<string>();
    const retry = async (id: string, resources?: Resources) => {
      // One click is one run, also while the answer is on its way.
      if (again.has(id)) {
        return;
      }
      again.add(id);
      try {
        const { id: next } = await jobs.retry(id, resources && { resources });
        await commands.execute(CommandIDs.openJob, { id: next });
      } catch (error) {
        await tell(trans.__('Not sent'), error, trans);
      } finally {
        again.delete(id);
      }
    };

    const make = async (id: string): Promise<MainAreaWidget<JobDetails>> => {
      const [{ JobDetails }, job] = await Promise.all([
        import('../view/job/details'),
        jobs.find(id) ?? jobs.get(id)
      ]);
      const content = new JobDetails({
        job,
        jobs,
        profiles,
        rendermime,
        trans,
        events: {
          onOpen: run(CommandIDs.openJob),
          onCancel: run(CommandIDs.cancelJob),
          onHold: run(CommandIDs.holdJob),
          onRelease: run(CommandIDs.releaseJob),
          onDelete: run(CommandIDs.deleteJob),
          onRetry: (id, resources) => void retry(id, resources),
          onEdit: run(CommandIDs.editJob),
          onOpenResult: run(CommandIDs.openResult),
          onOpenFile: path => void commands.execute(ForeignIDs.openDocument, { path }),
          onOpenSource: run(CommandIDs.openSource),
          onOpenSchedule: run(CommandIDs.openSchedule),
          onCopyLink: run(CommandIDs.copyLink)
        }
      });
      const widget = new MainAreaWidget({ content });
      widget.toolbar.hide();
      widget.id = JOB_PAGE + id;
      widget.title.closable = true;
      // What it says of limits, the profile has to tell.
      void profiles.load();
      // While it is open, its job is kept current.
      const use = jobs.use();
      widget.disposed.connect(() => use.dispose());
      addPage(shell, lab, widget, 'Compute job');
      await tracker.add(widget);
      return widget;
    };

    // A double click wishes twice for one tab, and so does a click while the page restores it.
    const making = new Map<string, Promise<MainAreaWidget<JobDetails>>>();
    const open = (id: string): Promise<MainAreaWidget<JobDetails>> => {
      const known = making.get(id);
      if (known) {
        return known;
      }
      const made = make(id).finally(() => making.delete(id));
      making.set(id, made);
      return made;
    };

    commands.addCommand(CommandIDs.openJob, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            id: { type: 'string', description: 'The job; the one right-clicked when left out.' },
            quiet: { type: 'boolean', description: 'Say nothing when the job is gone.' }
          }
        }
      },
      label: trans.__('Open'),
      isVisible: ({ id }) => idsOf(id).length > 0,
      execute: async ({ id, quiet }) => {
        const [name] = idsOf(id);
        if (name === undefined) {
          return;
        }
        try {
          const known = tracker.find(widget => widget.id === JOB_PAGE + name);
          const widget = known ?? (await open(name));
          shell.activateById(widget.id);
        } catch (error) {
          if (!quiet) {
            await tell(trans.__('The job cannot be opened'), error, trans);
          }
        }
      }
    });
  }
};
