import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { IJobColumn, Job, ProfileSettings } from 'jupyterlab-compute';
import { IJobs, IProfiles } from 'jupyterlab-compute';

const NAME = 'compute-cost';
const HOUR_MS = 3_600_000;

/** Core hours that the job has had so far; null: it has not started. */
function coreHours({ resources, started_at, ended_at }: Job, now: number): number | null {
  if (started_at === null) {
    return null;
  }
  const { nodes = 1, tasks = 1, cores = 1 } = resources;
  const until = ended_at === null ? now : Date.parse(ended_at);
  return (nodes * tasks * cores * Math.max(0, until - Date.parse(started_at))) / HOUR_MS;
}

const cost: IJobColumn = {
  id: `${NAME}:core-hours`,
  label: 'Core hours',
  text: (job, now) => coreHours(job, now)?.toFixed(3) ?? null,
  caption: ({ resources: { nodes = 1, tasks = 1, cores = 1 } }) =>
    `${nodes * tasks * cores} cores for as long as it ran`,
  key: coreHours
};

const quickLook: ProfileSettings = {
  title: 'A quick look',
  description: 'One core of this machine for a quarter of an hour.',
  scheduler: { type: 'local' },
  resources: { cores: 1, memory_mb: { default: 512, max: 2048 }, walltime_s: 900 }
};

const plugin: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:plugin`,
  description: 'Says what each job has cost, and offers a place for a quick look.',
  autoStart: true,
  requires: [IJobs, IProfiles],
  activate: async (_: JupyterFrontEnd, jobs: IJobs, profiles: IProfiles) => {
    jobs.columns.add(cost);
    try {
      await profiles.add(`${NAME}.quick-look`, quickLook, NAME);
    } catch (error) {
      console.warn('The profile could not be added.', error);
    }
  }
};

export default plugin;
