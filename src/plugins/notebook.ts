import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { DisposableSet } from '@lumino/disposable';

import type { Profile } from '../api/types';
import { IProfiles } from '../tokens';
import type { RunKind } from '../view/RunButton';
import { RunButton } from '../view/RunButton';
import { CommandIDs } from './ids';
import { PANEL } from './where';

const COMMANDS: Readonly<Record<RunKind, string>> = {
  cells: CommandIDs.runCells,
  notebook: CommandIDs.runNotebook
};

/** The menu of the button; `schema/notebook.json` says what else is in it. */
const MENU = '.jp-Compute-split';
/** Where the profiles stand in it, between two separators. */
const PROFILES = 7;

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
      // Only the button and its menu count: who uses a shortcut or the panel has said which of the two is meant.
      if (args.button === true && (id === COMMANDS.cells || id === COMMANDS.notebook)) {
        kind.set(id === COMMANDS.cells ? 'cells' : 'notebook');
      }
    });

    // What the menu holds stands in settings, but for the profiles: nobody knows them before the server has told.
    let known: readonly Profile[] = [];
    let places = new DisposableSet();
    const offer = () => {
      const { profiles: all } = profiles.snapshot;
      if (all !== known) {
        known = all;
        places.dispose();
        const entry = ({ name }: Profile) => ({
          ...{ command: CommandIDs.chooseProfile, args: { name } },
          ...{ selector: MENU, rank: PROFILES }
        });
        places = DisposableSet.from(all.map(each => app.contextMenu.addItem(entry(each))));
      }
    };
    profiles.changed.connect(offer);

    toolbars.addFactory<NotebookPanel>('Notebook', 'compute-run', panel => {
      // The button names the place, so it has to know it.
      void panel.revealed.then(() => profiles.load());
      const button = new RunButton({
        trans,
        profiles,
        kind,
        onRun: (what, ask) =>
          void commands.execute(COMMANDS[what], { panel: panel.id, button: true, ask }),
        onMenu: open => void profiles.load().then(open)
      });
      button.node.dataset[PANEL] = panel.id;
      return button;
    });
  }
};
