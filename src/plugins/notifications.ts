import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { NotifyBy } from '../api/types';
import { IJobs } from '../tokens';
import { connectTo } from './connect';
import { CommandIDs } from './ids';
import { lazily } from './lazy';
import { tell } from './messages';

const ID = 'jupyterlab-compute:notifications';

export const notificationsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Tells of the end of a job while JupyterLab is hidden, and tries mail and webhook.',
  autoStart: true,
  requires: [IJobs],
  optional: [ISettingRegistry, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const { commands, serviceManager } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    const settings = Promise.resolve(registry?.load(ID) ?? null).catch(() => null);
    const connect = connectTo(serviceManager.serverSettings);

    const unseen = lazily(async () => {
      const { Unseen } = await import('./unseen');
      return new Unseen(app, settings, trans);
    });
    jobs.ended.connect((_, job) => {
      // Before anything is waited for: by then the page may be in view.
      if (document.hidden) {
        void unseen().then(each => each.ended(jobs, job));
      }
    });
    void settings.then(loaded => {
      let known = loaded?.get('browser').composite;
      loaded?.changed.connect(now => {
        const fresh = now.get('browser').composite;
        if (fresh !== known) {
          known = fresh;
          void unseen().then(each => each.allow(fresh));
        }
      });
    });

    commands.addCommand(CommandIDs.tryMessages, {
      describedBy: { args: { type: 'object', properties: {} } },
      label: trans.__('Send a trial message'),
      caption: trans.__('Send a mail and a chat message now, as far as they are set up'),
      execute: async () => {
        const names: Record<NotifyBy, string> = {
          mail: trans.__('Mail'),
          webhook: trans.__('Chat message')
        };
        const trial = async (by: NotifyBy) => {
          const api = await connect();
          const way = (await api.notifyWays())[by];
          const problem = way.ok ? (await api.notifyTrial(by)).problem : way.reason;
          const said = problem ?? trans.__('It was sent.');
          Notification.emit(`${names[by]}: ${said}`, problem === null ? 'success' : 'warning');
        };
        try {
          await Promise.all([trial('mail'), trial('webhook')]);
        } catch (error) {
          await tell(trans.__('No trial message was sent'), error, trans);
        }
      }
    });
    palette?.addItem({ command: CommandIDs.tryMessages, category: trans.__('Compute') });
  }
};
