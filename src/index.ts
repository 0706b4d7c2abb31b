import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { actionsPlugin } from './plugins/actions';
import { browserPlugin } from './plugins/browser';
import { cellsPlugin } from './plugins/cells';
import { cleanUpPlugin } from './plugins/cleanUp';
import { detailsPlugin } from './plugins/details';
import { dropPlugin } from './plugins/drop';
import { jobsPlugin } from './plugins/jobs';
import { launcherPlugin } from './plugins/launcher';
import { linksPlugin } from './plugins/links';
import { notebookPlugin } from './plugins/notebook';
import { notificationsPlugin } from './plugins/notifications';
import { panelPlugin } from './plugins/panel';
import { profileFormPlugin } from './plugins/profileForm';
import { profilesPlugin } from './plugins/profiles';
import { runPlugin } from './plugins/run';
import { runningPlugin } from './plugins/running';
import { schedulesPlugin } from './plugins/schedules';
import { statusPlugin } from './plugins/status';
import { toastsPlugin } from './plugins/toasts';

/** The plugins of Compute. Each lives in a file of its own below `plugins/`. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  jobsPlugin,
  profilesPlugin,
  profileFormPlugin,
  runPlugin,
  actionsPlugin,
  detailsPlugin,
  panelPlugin,
  notebookPlugin,
  cellsPlugin,
  schedulesPlugin,
  cleanUpPlugin,
  toastsPlugin,
  notificationsPlugin,
  statusPlugin,
  runningPlugin,
  launcherPlugin,
  browserPlugin,
  dropPlugin,
  linksPlugin
];

export default plugins;
export * from './tokens';
export type { ComputeError } from './api/errors';
export type {
  BulkAction,
  BulkResult,
  Cluster,
  FileList,
  FilesFate,
  Job,
  JobAction,
  JobState,
  LogChunk,
  LogStream,
  NewJob,
  Outputs,
  Preview,
  Profile,
  Resources,
  RetryRequest,
  Source,
  UsageOverTime
} from './api/types';
