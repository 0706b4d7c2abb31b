import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { ISignal } from '@lumino/signaling';

// eslint-disable-next-line jupyter/prefer-lazy-imports -- what a token promises must be there at once
import { Jobs } from '../model/jobs';
import { IJobs } from '../tokens';
import { connectTo } from './connect';

export const jobsPlugin: JupyterFrontEndPlugin<IJobs> = {
  id: 'jupyterlab-compute:jobs',
  description: 'Keeps the list of remote jobs current.',
  autoStart: true,
  provides: IJobs,
  activate: ({ serviceManager }): IJobs => {
    const { events, kernels, serverSettings, sessions } = serviceManager;
    const jobs = new Jobs({
      connect: connectTo(serverSettings),
      baseUrl: serverSettings.baseUrl,
      events
    });
    // The poll rests while the page is hidden; who comes back should not look at old news.
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && jobs.isLive) {
        void jobs.refresh();
      }
    });
    // A server that was away is asked again soon; these say that it may be there now.
    window.addEventListener('online', () => jobs.reconnect());
    for (const { runningChanged } of [kernels, sessions]) {
      (runningChanged as ISignal<unknown, unknown>).connect(() => jobs.reconnect());
    }
    return jobs;
  }
};
