import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { actionsPlugin } from './plugins/actions';
import { cellsPlugin } from './plugins/cells';
import { detailsPlugin } from './plugins/details';
import { jobsPlugin } from './plugins/jobs';
import { notebookPlugin } from './plugins/notebook';
import { notificationsPlugin } from './plugins/notifications';
import { panelPlugin } from './plugins/panel';
import { profilesPlugin } from './plugins/profiles';
import { runPlugin } from './plugins/run';
import { schedulesPlugin } from './plugins/schedules';
import { toastsPlugin } from './plugins/toasts';

/** The plugins of Compute. Each lives in a file of its own below `plugins/`. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  jobsPlugin,
  profilesPlugin,
  runPlugin,
  actionsPlugin,
  detailsPlugin,
  panelPlugin,
  notebookPlugin,
  cellsPlugin,
  schedulesPlugin,
  toastsPlugin,
  notificationsPlugin
];

export default plugins;
export * from './tokens';
