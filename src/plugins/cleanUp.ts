import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { deleteIcon } from '@jupyterlab/ui-components';

import { IJobs } from '../tokens';
import { connectTo } from './connect';
import { CommandIDs, ForeignIDs } from './ids';
import { tell } from './messages';

export const cleanUpPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-compute:clean-up',
  description: 'Shows what the run folders of jobs take, and deletes old ones.',
  autoStart: true,
  requires: [IJobs],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const { commands, serviceManager } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    const connect = connectTo(serviceManager.serverSettings);
    commands.addCommand(CommandIDs.cleanUp, {
      describedBy: { args: { type: 'object', properties: {} } },
      label: trans.__('Clean up…'),
      // Of a button that is an icon alone this is all one reads.
      caption: ({ toolbar }) =>
        toolbar
          ? trans.__('Clean up…')
          : trans.__('Show what the run folders of jobs take, and delete old ones'),
      icon: deleteIcon,
      execute: async () => {
        try {
          const { openCleanUp } = await import('../view/storage/dialog');
          await openCleanUp({
            trans,
            storage: async () => (await connect()).storage(),
            cleanUp: async wish => (await connect()).cleanUp(wish),
            gone: () => void jobs.refresh(),
            onSettings: () =>
              void commands.execute(ForeignIDs.openSettings, {
                query: 'Compute: jobs'
              })
          });
        } catch (error) {
          await tell(trans.__('Nothing was cleaned up'), error, trans);
        }
      }
    });
    palette?.addItem({ command: CommandIDs.cleanUp, category: trans.__('Compute') });
  }
};
