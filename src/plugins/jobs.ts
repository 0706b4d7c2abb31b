import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { ISignal } from '@lumino/signaling';

import { hasActive } from '../api/glance';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- what a token promises must be there at once
import { Jobs } from '../model/jobs';
import { IJobs } from '../tokens';
import { connectTo } from './connect';

/** The page has time for what nobody waits for. Safari before 2025 cannot tell. */
const isIdle = () =>
  new Promise<unknown>(resolve =>
    'requestIdleCallback' in window
      ? window.requestIdleCallback(resolve, { timeout: 5000 })
      : setTimeout(resolve, 1000)
  );

export const jobsPlugin: JupyterFrontEndPlugin<IJobs> = {
  id: 'jupyterlab-compute:jobs',
  description: 'Keeps the list of remote jobs current.',
  autoStart: true,
  provides: IJobs,
  activate: ({ restored, serviceManager }): IJobs => {
    const { events, kernels, serverSettings, sessions } = serviceManager;
    const jobs = new Jobs({
      connect: connectTo(serverSettings),
      hasActive: () => hasActive(serverSettings),
      baseUrl: serverSettings.baseUrl,
      events
    });
    // What was left running is shown without a click, but only after everything that one waits for.
    void restored.then(isIdle).then(() => jobs.glance());
    // The poll rests while the page is hidden; who comes back should not look at old news.
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) {
        void jobs.glance();
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
