import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Menu } from '@lumino/widgets';

import { IProfiles } from '../tokens';
import { RunButton } from '../view/RunButton';
import { CommandIDs } from './ids';

export const notebookPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:notebook',
  description: 'The button in the toolbar of a notebook: run it, or its cells, elsewhere.',
  autoStart: true,
  requires: [IProfiles, IToolbarWidgetRegistry],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    profiles: IProfiles,
    toolbars: IToolbarWidgetRegistry,
    translator: ITranslator | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');

    const menuOf = (panel: NotebookPanel): Menu => {
      const menu = new Menu({ commands });
      const args = { panel: panel.id };
      menu.addItem({ command: CommandIDs.runCells, args });
      menu.addItem({ command: CommandIDs.runCells, args: { ...args, ask: true } });
      menu.addItem({ command: CommandIDs.runNotebook, args });
      menu.addItem({ type: 'separator' });
      for (const { name } of profiles.snapshot.profiles) {
        menu.addItem({ command: CommandIDs.chooseProfile, args: { name } });
      }
      menu.addItem({ type: 'separator' });
      menu.addItem({ command: CommandIDs.showPanel });
      return menu;
    };

    toolbars.addFactory<NotebookPanel>('Notebook', 'compute-run', panel => {
      // The button names the place, so it has to know it.
      void panel.revealed.then(() => profiles.load());
      let menu: Menu | undefined;
      panel.disposed.connect(() => menu?.dispose());
      return new RunButton({
        trans,
        profiles,
        onRun: ask => void commands.execute(CommandIDs.runCells, { panel: panel.id, ask }),
        onMenu: ({ left, bottom }) => {
          const open = () => {
            menu?.dispose();
            menu = menuOf(panel);
            menu.open(left, bottom);
          };
          void profiles.load().then(open);
        }
      });
    });
  }
};
