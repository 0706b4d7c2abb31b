import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { IJobs, IProfiles } from '../tokens';
import type { SchedulesPage } from '../view/schedules/page';
import { scheduleIcon } from '../view/icons';
import { connectTo } from './connect';
import { CommandIDs, ForeignIDs } from './ids';
import { lazily } from './lazy';
import { addPage } from './page';
import { panelOf, WHERE } from './where';

type Args = ReadonlyPartialJSONObject;

export const schedulesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:schedules',
  description: 'Runs notebooks again and again: makes schedules and shows them.',
  autoStart: true,
  requires: [IJobs, IProfiles],
  optional: [
    INotebookTracker,
    ISettingRegistry,
    IEditorLanguageRegistry,
    IDefaultFileBrowser,
    ILayoutRestorer,
    ICommandPalette,
    ITranslator,
    ILabShell
  ],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    profiles: IProfiles,
    notebooks: INotebookTracker | null,
    registry: ISettingRegistry | null,
    languages: IEditorLanguageRegistry | null,
    browser: IDefaultFileBrowser | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null,
    lab: ILabShell | null
  ): void => {
    const { commands, serviceManager, shell } = app;
    const { contents, kernelspecs, serverSettings } = serviceManager;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    const connect = connectTo(serverSettings);
    const run = (command: string, args: Args) => void commands.execute(command, args);
    const desk = lazily(async () => {
      const { Desk } = await import('./desk');
      return new Desk({
        place: { jobs, profiles, kernelspecs, languages, registry, trans, connect },
        contents,
        isDirty: path =>
          notebooks?.find(
            ({ context }) => contents.localPath(context.path) === path && context.model.dirty
          ) !== undefined,
        openJob: id => run(CommandIDs.openJob, { id }),
        openResult: ({ landed }) => landed && run(ForeignIDs.openDocument, { path: landed }),
        openNotebook: path => run(ForeignIDs.openDocument, { path })
      });
    });

    const tracker = new WidgetTracker<MainAreaWidget<SchedulesPage>>({
      namespace: 'compute-schedules'
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.showSchedules,
      name: () => 'compute-schedules'
    });
    const make = async (): Promise<MainAreaWidget<SchedulesPage>> => {
      const widget = new MainAreaWidget({ content: (await desk()).page() });
      widget.toolbar.hide();
      widget.id = 'jupyterlab-compute-schedules';
      widget.title.closable = true;
      addPage(shell, lab, widget, 'Compute schedules');
      await tracker.add(widget);
      return widget;
    };
    // A double click wishes twice for one tab.
    let making: Promise<MainAreaWidget<SchedulesPage>> | null = null;
    commands.addCommand(CommandIDs.showSchedules, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            schedule: { type: 'string', description: 'Id of the one to be brought into view.' }
          }
        }
      },
      label: trans.__('Compute Schedules'),
      caption: ({ toolbar }) =>
        toolbar ? trans.__('Schedules') : trans.__('Show the notebooks that run again and again'),
      icon: scheduleIcon,
      execute: async ({ schedule }) => {
        if (!tracker.currentWidget) {
          making ??= make().finally(() => {
            making = null;
          });
        }
        const widget = tracker.currentWidget ?? (await making);
        if (!widget) {
          return;
        }
        shell.activateById(widget.id);
        if (schedule !== undefined) {
          widget.content.reveal(String(schedule));
        }
      }
    });

    const pathOf = (args: Args): string | undefined =>
      args.path === undefined ? panelOf(app, notebooks, args)?.context.path : String(args.path);
    const selected = (): string | undefined =>
      [...(browser?.selectedItems() ?? [])].find(({ type }) => type === 'notebook')?.path;
    const schedule = async (path: string | undefined) => {
      if (path !== undefined && (await (await desk()).create(path))) {
        await commands.execute(CommandIDs.showSchedules);
      }
    };
    commands.addCommand(CommandIDs.scheduleNotebook, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            ...WHERE,
            path: { type: 'string', description: 'The notebook, instead of a tab.' }
          }
        }
      },
      label: trans.__('Run on a schedule…'),
      caption: trans.__('Run the notebook again and again, e.g. every weekday at 7'),
      icon: scheduleIcon,
      isEnabled: args => pathOf(args) !== undefined,
      execute: args => schedule(pathOf(args))
    });
    commands.addCommand(CommandIDs.scheduleFile, {
      describedBy: { args: { type: 'object', properties: {} } },
      label: trans.__('Run on a schedule…'),
      caption: trans.__('Run the selected notebook again and again, e.g. every weekday at 7'),
      icon: scheduleIcon,
      isVisible: () => selected() !== undefined,
      execute: () => schedule(selected())
    });
    const category = trans.__('Compute');
    for (const command of [CommandIDs.scheduleNotebook, CommandIDs.showSchedules]) {
      palette?.addItem({ command, category });
    }
  }
};
