import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job } from '../api/types';
import type { IJobs } from '../tokens';
import { permission, requestPermission, showNotification } from '../view/notify/browser';
import { clusterTitle, sentence } from '../view/words';
import { CommandIDs } from './ids';
import { tell } from './messages';

type Wish = 'ask' | 'all' | 'failures' | 'none';

/** The browser's notifications of jobs that end unseen. It is asked for its permission by a click of the person only. */
export class Unseen {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _settings: Promise<ISettingRegistry.ISettings | null>,
    private readonly _trans: TranslationBundle
  ) {}

  /** A job ended while the page was hidden. */
  async ended(jobs: IJobs, job: Job): Promise<void> {
    const isOwn = job.cancel_requested_at !== null && job.state === 'cancelled';
    const wish = ((await this._settings)?.get('browser').composite ?? 'ask') as Wish;
    if (isOwn || wish === 'none' || (wish === 'failures' && job.state !== 'failed')) {
      return;
    }
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
