import { LabIcon } from '@jupyterlab/ui-components';

import cancelledSvg from '../../style/icons/cancelled.svg';
import computeSvg from '../../style/icons/compute.svg';
import failedSvg from '../../style/icons/failed.svg';
import heldSvg from '../../style/icons/held.svg';
import runningSvg from '../../style/icons/running.svg';
import succeededSvg from '../../style/icons/succeeded.svg';
import unknownSvg from '../../style/icons/unknown.svg';
import scheduleSvg from '../../style/icons/schedule.svg';
import waitingSvg from '../../style/icons/waiting.svg';
import type { JobState } from '../api/types';

function icon(name: string, svgstr: string): LabIcon {
  return new LabIcon({ name: `jupyterlab-compute:${name}`, svgstr });
}

export const computeIcon = icon('compute', computeSvg);

export const scheduleIcon = icon('schedule', scheduleSvg);

const waitingIcon = icon('waiting', waitingSvg);
const runningIcon = icon('running', runningSvg);

/** A shape for each state, so that nobody depends on colours. */
export const stateIcons: Readonly<Record<JobState, LabIcon>> = {
  submitting: waitingIcon,
  queued: waitingIcon,
  held: icon('held', heldSvg),
  running: runningIcon,
  completing: runningIcon,
  succeeded: icon('succeeded', succeededSvg),
  failed: icon('failed', failedSvg),
  cancelled: icon('cancelled', cancelledSvg),
  unknown: icon('unknown', unknownSvg)
};
