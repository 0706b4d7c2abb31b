import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IProfiles } from '../tokens';
import { computeIcon } from '../view/icons';
import { CommandIDs } from './ids';

/** After the consoles and before the help, among the others. */
const RANK = 3;

export const launcherPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:launcher',
  description: 'A card in the launcher: choose a notebook and run it elsewhere.',
  autoStart: true,
  requires: [IProfiles],
  optional: [ILauncher, IDefaultFileBrowser, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    profiles: IProfiles,
    launcher: ILauncher | null,
    browser: IDefaultFileBrowser | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');

    commands.addCommand(CommandIDs.newRun, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            cwd: {
              type: 'string',
              description: 'The folder in which choosing begins; the one last shown when left out.'
            }
          }
        }
      },
      label: trans.__('Run a notebook elsewhere…'),
      caption: trans.__('Choose a saved notebook and run it in the background on a profile'),
      icon: computeIcon,
      execute: async ({ cwd }) => {
        // Where it will run is seen beside, and where the job will show.
        await commands.execute(CommandIDs.showPanel);
        if (!browser) {
          return;
        }
        const [{ FileDialog }] = await Promise.all([
          import('@jupyterlab/filebrowser'),
          profiles.load()
        ]);
        const { value } = await FileDialog.getOpenFiles({
          manager: browser.model.manager,
          title: trans.__('Notebook to run'),
          label: trans.__('It runs as it was saved.'),
          defaultPath: cwd === undefined ? browser.model.path : String(cwd),
          filter: ({ type }) => (type === 'notebook' || type === 'directory' ? {} : null),
          translator: translator ?? undefined
        });
        // Who chose nothing gets the folder.
        for (const { path } of (value ?? []).filter(({ type }) => type === 'notebook')) {
          await commands.execute(CommandIDs.runFile, { path, ask: true });
        }
      }
    });
    palette?.addItem({ command: CommandIDs.newRun, category: trans.__('Compute') });
    launcher?.add({ command: CommandIDs.newRun, rank: RANK });
  }
};
