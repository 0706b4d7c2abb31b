import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, InputDialog } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { editIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { selectedCodeCells } from '../notebook/source';
import { IJobs, IProfiles } from '../tokens';
import { computeIcon } from '../view/icons';
import { connectTo } from './connect';
import { CommandIDs } from './ids';
import { lazily } from './lazy';
import type { Wish } from './send';
import { panelOf, WHERE } from './where';

const ID = 'jupyterlab-compute:run';

type Args = ReadonlyPartialJSONObject;

const WISH = {
  ...WHERE,
  profile: { type: 'string', description: 'Name of the profile; the chosen one when left out.' },
  ask: { type: 'boolean', description: 'Show the options first.' }
} as const;

function wishOf({ profile, ask }: Args): Wish {
  return { profile: profile as string | undefined, ask: ask === true };
}

export const runPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Runs cells, notebooks and saved notebooks on the chosen profile.',
  autoStart: true,
  requires: [IJobs, IProfiles],
  optional: [
    INotebookTracker,
    ISettingRegistry,
    IEditorLanguageRegistry,
    IDefaultFileBrowser,
    ICommandPalette,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    profiles: IProfiles,
    notebooks: INotebookTracker | null,
    registry: ISettingRegistry | null,
    languages: IEditorLanguageRegistry | null,
    browser: IDefaultFileBrowser | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const { commands, serviceManager } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    const settings = Promise.resolve(registry?.load(ID) ?? null).catch(() => null);
    const connect = connectTo(serviceManager.serverSettings);
    const sender = lazily(async () => {
      const { Sender } = await import('./send');
      const { contents, kernelspecs } = serviceManager;
      const place = { jobs, profiles, kernelspecs, languages, registry, trans, connect };
      return new Sender({
        ...{ jobs, profiles, contents, languages, settings, trans },
        panelAt: path =>
          notebooks?.find(
            ({ context }) => context.isReady && contents.localPath(context.path) === path
          ) ?? null,
        fillIn: async (subject, beginning) => {
          const { fillIn } = await import('./form');
          return fillIn(subject, beginning, place);
        }
      });
    });
    const meant = (args: Args) => panelOf(app, notebooks, args);
    const placeOf = ({ profile }: Args): string =>
      (profile === undefined ? profiles.snapshot.current : profiles.find(String(profile)))?.title ??
      '';
    const cellsOf = (args: Args): number => {
      const panel = meant(args);
      return panel?.content.model ? selectedCodeCells(panel).length : 0;
    };

    commands.addCommand(CommandIDs.runCells, {
      describedBy: { args: { type: 'object', properties: WISH } },
      icon: computeIcon,
      label: args => {
        if (args.ask) {
          return trans.__('Run cells with options…');
        }
        const place = placeOf(args);
        const cells = cellsOf(args);
        return place && cells
          ? trans._n('Run %1 cell on %2', 'Run %1 cells on %2', cells, place)
          : trans.__('Run selected cells elsewhere');
      },
      caption: trans.__('Run the selected cells in the background on the chosen profile'),
      isEnabled: args => cellsOf(args) > 0,
      execute: async args => {
        const panel = meant(args);
        return panel && (await sender()).cells(panel, wishOf(args));
      }
    });

    commands.addCommand(CommandIDs.runNotebook, {
      describedBy: { args: { type: 'object', properties: WISH } },
      icon: computeIcon,
      label: args => {
        if (args.ask) {
          return trans.__('Run notebook with options…');
        }
        const place = placeOf(args);
        return place ? trans.__('Run notebook on %1', place) : trans.__('Run notebook elsewhere');
      },
      caption: trans.__('Run the notebook, as it stands, in the background on the chosen profile'),
      isEnabled: args => meant(args)?.content.model != null,
      execute: async args => {
        const panel = meant(args);
        return panel && (await sender()).notebook(panel, wishOf(args));
      }
    });

    const filesOf = ({ path }: Args): string[] =>
      path !== undefined
        ? [String(path)]
        : [...(browser?.selectedItems() ?? [])]
            .filter(({ type }) => type === 'notebook')
            .map(item => item.path);
    commands.addCommand(CommandIDs.runFile, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: {
              type: 'string',
              description: 'The notebook; the selected files when left out.'
            },
            profile: WISH.profile,
            ask: WISH.ask
          }
        }
      },
      icon: computeIcon,
      label: args => {
        if (args.ask) {
          return trans.__('Run with options…');
        }
        const place = placeOf(args);
        return place ? trans.__('Run on %1', place) : trans.__('Run elsewhere');
      },
      caption: trans.__('Run the saved notebook in the background on the chosen profile'),
      isVisible: args => filesOf(args).length > 0,
      execute: async args => {
        const send = await sender();
        return Promise.all(filesOf(args).map(path => send.file(path, wishOf(args))));
      }
    });

    const jobOf = ({ id }: Args): string | undefined =>
      id === undefined
        ? app.contextMenuHitTest(node => node.classList.contains('jp-Compute-jobRow'))?.dataset.id
        : String(id);
    commands.addCommand(CommandIDs.editJob, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            id: { type: 'string', description: 'The job; the one right-clicked when left out.' }
          }
        }
      },
      label: trans.__('Edit and run again…'),
      caption: trans.__('Show the options with the values of this job'),
      icon: editIcon,
      isVisible: args => jobOf(args) !== undefined,
      execute: async args => {
        const id = jobOf(args);
        return id === undefined ? null : (await sender()).again({ id });
      }
    });

    commands.addCommand(CommandIDs.chooseProfile, {
      describedBy: {
        args: {
          type: 'object',
          properties: { name: { type: 'string', description: 'The profile; asks when left out.' } }
        }
      },
      label: ({ name }) =>
        name === undefined
          ? trans.__('Choose where to run…')
          : (profiles.find(String(name))?.title ?? String(name)),
      isToggleable: true,
      isToggled: ({ name }) => name !== undefined && profiles.snapshot.current?.name === name,
      execute: async ({ name }) => {
        if (name !== undefined) {
          return profiles.choose(String(name));
        }
        await profiles.load();
        const { current, profiles: all } = profiles.snapshot;
        const { value } = await InputDialog.getItem({
          title: trans.__('Where to run'),
          items: all.map(({ title }) => title),
          current: Math.max(
            0,
            all.findIndex(profile => profile === current)
          )
        });
        const chosen = all.find(({ title }) => title === value);
        return chosen && profiles.choose(chosen.name);
      }
    });

    // Labels name the profile.
    profiles.changed.connect(() => commands.notifyCommandChanged());
    const category = trans.__('Compute');
    for (const command of [CommandIDs.runCells, CommandIDs.runNotebook, CommandIDs.chooseProfile]) {
      palette?.addItem({ command, category });
    }
    // With the mouse Shift-click does it.
    for (const command of [CommandIDs.runCells, CommandIDs.runNotebook]) {
      palette?.addItem({ command, category, args: { ask: true } });
    }
  }
};
