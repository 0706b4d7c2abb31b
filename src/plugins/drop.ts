import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IProfiles } from '../tokens';
import { CommandIDs, PANEL } from './ids';

const TAB = `.jp-SideBar .lm-TabBar-tab[data-id="${PANEL}"]`;

export const dropPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:drop',
  description: 'Runs notebooks that are dragged from a file browser onto the panel or its tab.',
  autoStart: true,
  requires: [IProfiles],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, profiles: IProfiles, translator: ITranslator | null): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    const label = () => {
      const { current } = profiles.snapshot;
      return current ? trans.__('Run on %1', current.title) : trans.__('Run elsewhere');
    };
    const accept = async () => {
      const { NotebookDrop } = await import('../view/drop');
      const drop = new NotebookDrop({
        around: shell.node,
        // The file browser and the panel are tabs of one side unless somebody moved one of them: then only the tab is seen.
        places: `#${PANEL}, ${TAB}`,
        doors: TAB,
        label,
        onRest: () => void commands.execute(CommandIDs.showPanel),
        onDrop: paths => {
          void Promise.all(paths.map(path => commands.execute(CommandIDs.runFile, { path })));
        }
      });
      shell.disposed.connect(() => drop.dispose());
    };
    // A drag begins where the file is, so there is time until it comes to us.
    shell.node.addEventListener('lm-dragenter', () => void accept(), { once: true, capture: true });
  }
};
