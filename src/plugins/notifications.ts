import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRouter } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job, NotifyBy } from '../api/types';
import { IJobs } from '../tokens';
import { connectTo } from './connect';
import { CommandIDs } from './ids';
import { tell } from './messages';

const ID = 'jupyterlab-compute:notifications';
/** A message about a job leads here: `lab?compute-job=<id>`. */
const LINK = /[?&]compute-job=([a-z2-7]{16})(?=&|#|$)/;

type Wish = 'ask' | 'all' | 'failures' | 'none';

/** The browser's notifications: shown while the page is hidden, and allowed by a click of the person only. */
class Unseen {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _settings: Promise<ISettingRegistry.ISettings | null>,
    private readonly _trans: TranslationBundle
  ) {}

  async ended(jobs: IJobs, job: Job): Promise<void> {
    // Asked before anything is waited for: by then the page may be in view.
    const isHidden = document.hidden;
    const isOwn = job.cancel_requested_at !== null && job.state === 'cancelled';
    const wish = ((await this._settings)?.get('browser').composite ?? 'ask') as Wish;
    if (!isHidden || isOwn || wish === 'none' || (wish === 'failures' && job.state !== 'failed')) {
      return;
    }
    const [{ clusterTitle, sentence }, { permission, showNotification }] = await Promise.all([
      import('../view/words'),
      import('../view/notify/browser')
    ]);
    const may = permission();
    if (may === 'default') {
      this._ask(job);
    } else if (may === 'granted' && wish !== 'ask') {
      const { word, rest } = sentence(job, this._trans, clusterTitle(job, jobs.snapshot.clusters));
      showNotification(job.name, {
        body: word + rest,
        tag: `jupyterlab-compute-${job.id}`,
        onClick: () => void this._app.commands.execute(CommandIDs.openJob, { id: job.id })
      });
    } else if (may === 'granted') {
      this._ask(job);
    }
  }

  /** The settings were changed to want what the browser has not allowed yet. */
  async allow(wish: unknown): Promise<void> {
    const { permission } = await import('../view/notify/browser');
    if ((wish === 'all' || wish === 'failures') && permission() === 'default') {
      this._offer(this._trans.__('The browser has to allow notifications of jobs.'), wish);
    }
  }

  private _ask({ name }: Job): void {
    if (!this._hasAsked) {
      this._hasAsked = true;
      this._offer(
        this._trans.__('“%1” ended while JupyterLab was hidden. Be told next time?', name),
        'all'
      );
    }
  }

  private _offer(message: string, wish: Wish): void {
    const trans = this._trans;
    const keep = async (value: Wish) => {
      await (await this._settings)?.set('browser', value);
    };
    const notify = async () => {
      const { requestPermission } = await import('../view/notify/browser');
      if ((await requestPermission()) === 'granted') {
        await keep(wish);
      } else {
        Notification.warning(
          trans.__('The browser does not allow it. A click left of its address changes that.')
        );
      }
    };
    const attempt = (work: Promise<void>) =>
      work.catch((error: unknown) => tell(trans.__('The choice was not kept'), error, trans));
    Notification.emit(message, 'info', {
      autoClose: false,
      actions: [
        { label: trans.__('Notify me'), callback: () => void attempt(notify()) },
        { label: trans.__('No, thanks'), callback: () => void attempt(keep('none')) }
      ]
    });
  }

  private _hasAsked = false;
}

export const notificationsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description:
    'Tells of the end of a job while JupyterLab is hidden, tries mail and webhook, and follows links to jobs.',
  autoStart: true,
  requires: [IJobs],
  optional: [ISettingRegistry, IRouter, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    registry: ISettingRegistry | null,
    router: IRouter | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const { commands, serviceManager } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    const settings = Promise.resolve(registry?.load(ID) ?? null).catch(() => null);
    const connect = connectTo(serviceManager.serverSettings);

    const unseen = new Unseen(app, settings, trans);
    jobs.ended.connect((_, job) => void unseen.ended(jobs, job));
    void settings.then(loaded => {
      let known = loaded?.get('browser').composite;
      loaded?.changed.connect(now => {
        const fresh = now.get('browser').composite;
        if (fresh !== known) {
          known = fresh;
          void unseen.allow(fresh);
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

    commands.addCommand(CommandIDs.followLink, {
      describedBy: {
        args: {
          type: 'object',
          properties: {
            request: { type: 'string', description: "The page's address, with `?compute-job=`." }
          }
        }
      },
      label: trans.__('Open the job of a link'),
      execute: async args => {
        const request = String(args.request ?? '');
        const id = LINK.exec(request)?.[1];
        if (id === undefined) {
          return;
        }
        // The address is about the page again: a reload opens what was open, not the link.
        const rest = request.replace(LINK, found => (found[0] === '?' ? '?' : ''));
        router?.navigate(rest.replace('?&', '?').replace(/\?(?=#|$)/, ''), { skipRouting: true });
        await app.restored;
        await commands.execute(CommandIDs.openJob, { id });
      }
    });
    router?.register({ command: CommandIDs.followLink, pattern: LINK, rank: 20 });
  }
};
