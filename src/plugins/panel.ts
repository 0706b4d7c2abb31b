import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import {
  createToolbarFactory,
  ICommandPalette,
  IToolbarWidgetRegistry,
  setToolbar
} from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';

import { StartEstimate } from '../model/start';
import { Target } from '../model/target';
import { IJobs, IProfiles } from '../tokens';
import { computeIcon } from '../view/icons';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- a sidebar's widget must exist for the layout to be restored
import { ComputePanel } from '../view/panel';
import type { IContents } from '../view/contents';
import { CommandIDs, ForeignIDs } from './ids';
import { tell } from './messages';

const ID = 'jupyterlab-compute:panel';

/** What stands above the list of jobs goes by this name in settings. */
const TOOLBAR = 'ComputeJobs';

/** Where the last query of the list is kept. */
const QUERY = 'jupyterlab-compute:list';

export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'The sidebar: where to run, and the jobs.',
  autoStart: true,
  requires: [IJobs, IProfiles],
  optional: [
    INotebookTracker,
    ILayoutRestorer,
    ICommandPalette,
    ITranslator,
    IStateDB,
    IToolbarWidgetRegistry,
    ISettingRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    profiles: IProfiles,
    notebooks: INotebookTracker | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null,
    state: IStateDB | null,
    toolbars: IToolbarWidgetRegistry | null,
    registry: ISettingRegistry | null
  ): void => {
    const { commands, serviceManager, shell } = app;
    const language = translator ?? nullTranslator;
    const trans = language.load('jupyterlab_compute');
    const target = new Target(notebooks);
    const start = new StartEstimate({ jobs, profiles, target, contents: serviceManager.contents });

    // From the start: settings that say what is in a toolbar are read only once somebody is there to gather them.
    const tools =
      toolbars && registry && createToolbarFactory(toolbars, registry, TOOLBAR, ID, language);
    const equip: IContents['equip'] = section => {
      if (tools) {
        setToolbar(section, tools);
      }
    };

    const refresh = async () => {
      await Promise.all([jobs.refresh(), profiles.refresh()]);
    };
    const example = async () => {
      try {
        const { makeExample } = await import('./example');
        const path = await makeExample(serviceManager, trans);
        await commands.execute(ForeignIDs.openDocument, { path });
      } catch (error) {
        await tell(trans.__('The example could not be made'), error, trans);
      }
    };
    const run = (command: string) => (args: { [key: string]: string | string[] | boolean }) =>
      void commands.execute(command, args);

    const fill = async (panel: ComputePanel) => {
      try {
        const [contents, { recalled }, kept] = await Promise.all([
          import('../view/contents'),
          import('../view/list/filter'),
          state?.fetch(QUERY).catch(() => undefined)
        ]);
        const query = recalled(kept);
        const stores = { jobs, columns: jobs.columns, profiles, target, start };
        contents.fill(panel, { translator: language, ...stores, query, events, equip });
      } catch (error) {
        await tell(trans.__('The panel could not be loaded'), error, trans);
        throw error;
      }
    };
    const events: IContents['events'] = {
      onChoose: name => run(CommandIDs.chooseProfile)({ name }),
      onRunCells: ask => run(CommandIDs.runCells)({ ask }),
      onRunNotebook: ask => run(CommandIDs.runNotebook)({ ask }),
      onSettings: () => run(ForeignIDs.openSettings)({ query: 'Compute' }),
      onOpen: id => run(CommandIDs.openJob)({ id }),
      onCancel: ids => run(CommandIDs.cancelJob)({ ids }),
      onDelete: ids => run(CommandIDs.deleteJob)({ ids }),
      onOpenResult: id => run(CommandIDs.openResult)({ id }),
      onRetry: id => run(CommandIDs.retryJob)({ id }),
      onMore: () => jobs.more(),
      onSearch: (filter, cursor) => jobs.search(filter, cursor),
      onQuery: query => void state?.save(QUERY, { ...query }),
      onRefresh: () => void refresh(),
      onExample: () => void example()
    };
    const panel = new ComputePanel({ translator: language, fill });

    // Nothing is asked of the server while nobody looks.
    let use: IDisposable | null = null;
    panel.visibilityChanged.connect((_, isVisible) => {
      start.isWanted = isVisible;
      if (isVisible && !use) {
        use = jobs.use();
        // Schedulers are asked when profiles are: how they answered comes with the jobs.
        void profiles.load().then(() => jobs.refresh());
      } else if (!isVisible) {
        use?.dispose();
        use = null;
      }
    });

    shell.add(panel, 'left', { rank: 350, type: 'Compute' });
    restorer?.add(panel, panel.id);

    commands.addCommand(CommandIDs.showPanel, {
      describedBy: { args: { type: 'object', properties: {} } },
      label: trans.__('Show Compute'),
      caption: trans.__('Show where to run, and the jobs'),
      icon: computeIcon,
      execute: () => {
        shell.activateById(panel.id);
        panel.enter();
      }
    });
    commands.addCommand(CommandIDs.refresh, {
      describedBy: { args: { type: 'object', properties: {} } },
      label: trans.__('Ask the schedulers again'),
      // Of a button that is an icon alone this is all one reads.
      caption: ({ toolbar }) => (toolbar ? trans.__('Refresh') : ''),
      icon: refreshIcon,
      execute: refresh
    });
    const category = trans.__('Compute');
    palette?.addItem({ command: CommandIDs.showPanel, category });
    palette?.addItem({ command: CommandIDs.refresh, category });
  }
};
