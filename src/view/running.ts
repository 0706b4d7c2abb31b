import type { IRunningSessions } from '@jupyterlab/running';
import type { TranslationBundle } from '@jupyterlab/translation';

import { isActive } from '../api/states';
import type { Job } from '../api/types';
import type { JobsSnapshot } from '../tokens';
import { stateIcons } from './icons';
import { clusterTitle, isStale, sentence, spoken, stateWord, toneOf } from './words';

export interface IRunningEvents {
  onOpen(id: string): void;
  onCancel(id: string): void;
}

/** The active jobs as the Running panel shows them, in the order of our list. */
export function runningItems(
  { jobs, clusters }: JobsSnapshot,
  trans: TranslationBundle,
  { onOpen, onCancel }: IRunningEvents
): IRunningSessions.IRunningItem[] {
  return jobs
    .filter(({ state }) => isActive(state))
    .map(job => {
      const cluster = clusterTitle(job, clusters);
      return {
        className: `jp-Compute-runningItem jp-mod-compute-${toneOf(job)}`,
        context: 'compute-job',
        icon: () => stateIcons[job.state],
        label: () => job.name,
        labelTitle: () => spoken(job, Date.now(), trans, cluster),
        detail: () => detailOf(job, trans, cluster),
        open: () => onOpen(job.id),
        ...(job.can.includes('cancel') ? { shutdown: () => onCancel(job.id) } : {})
      };
    });
}

/** A few words: the column is narrow. */
function detailOf(job: Job, trans: TranslationBundle, cluster: string): string {
  if (isStale(job)) {
    return sentence(job, trans, cluster).word;
  }
  const word = stateWord(job, trans);
  const { progress } = job;
  return progress && progress.total > 0
    ? trans.__('%1 · %2 of %3 cells', word, progress.done, progress.total)
    : word;
}
