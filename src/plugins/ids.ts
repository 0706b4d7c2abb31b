/** The verbs of Compute. Menus, toolbars and shortcuts name them in `schema/`. */
export const CommandIDs = {
  runCells: 'compute:run-cells',
  runNotebook: 'compute:run-notebook',
  runFile: 'compute:run-file',
  chooseProfile: 'compute:choose-profile',
  openJob: 'compute:open-job',
  cancelJob: 'compute:cancel-job',
  holdJob: 'compute:hold-job',
  releaseJob: 'compute:release-job',
  retryJob: 'compute:retry-job',
  editJob: 'compute:edit-and-run',
  deleteJob: 'compute:delete-job',
  openResult: 'compute:open-result',
  openSource: 'compute:open-source',
  scheduleNotebook: 'compute:schedule-notebook',
  scheduleFile: 'compute:schedule-file',
  showSchedules: 'compute:show-schedules',
  openSchedule: 'compute:open-schedule',
  refresh: 'compute:refresh',
  cleanUp: 'compute:clean-up',
  manageProfiles: 'compute:manage-profiles',
  tryMessages: 'compute:try-messages',
  followLink: 'compute:follow-link',
  showPanel: 'compute:show-panel',
  cancelAll: 'compute:cancel-all',
  newRun: 'compute:new-run',
  copyLink: 'compute:copy-link'
} as const;

/** The id of a job's page begins so, and ends with the job's. */
export const JOB_PAGE = 'jupyterlab-compute-job-';

/** The id of the sidebar's panel. */
export const PANEL = 'jupyterlab-compute-panel';

/** Commands of others that we call where they exist. */
export const ForeignIDs = {
  openDocument: 'docmanager:open',
  openSettings: 'settingeditor:open',
  reload: 'docmanager:reload'
} as const;
