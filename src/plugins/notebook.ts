import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Menu } from '@lumino/widgets';

import { IProfiles } from '../tokens';
import type { RunKind } from '../view/RunButton';
import { RunButton } from '../view/RunButton';
import { CommandIDs } from './ids';

const COMMANDS: Readonly<Record<RunKind, string>> = {
  cells: CommandIDs.runCells,
  notebook: CommandIDs.runNotebook
};

/** What was run last by the button or its menu: a plain click runs it again. Until the page is loaded anew. */
class LastKind {
  snapshot: RunKind = 'cells';
  readonly changed = new Signal<this, void>(this);

  set(kind: RunKind): void {
    if (kind !== this.snapshot) {
      this.snapshot = kind;
      this.changed.emit();
    }
  }
}

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

    const kind = new LastKind();
    commands.commandExecuted.connect((_, { id, args }) => {
      // Only the button names its notebook: who uses a shortcut or the panel has said which of the two is meant.
      if (args.panel !== undefined && (id === COMMANDS.cells || id === COMMANDS.notebook)) {
        kind.set(id === COMMANDS.cells ? 'cells' : 'notebook');
      }
    });

    const menuOf = (panel: NotebookPanel): Menu => {
      const menu = new Menu({ commands });
      const args = { panel: panel.id };
      menu.addItem({ command: CommandIDs.runCells, args });
      menu.addItem({ command: CommandIDs.runCells, args: { ...args, ask: true } });
      menu.addItem({ command: CommandIDs.runNotebook, args });
      menu.addItem({ command: CommandIDs.runNotebook, args: { ...args, ask: true } });
      menu.addItem({ command: CommandIDs.scheduleNotebook, args });
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
        kind,
        onRun: (what, ask) => void commands.execute(COMMANDS[what], { panel: panel.id, ask }),
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
