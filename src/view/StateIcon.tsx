import React from 'react';

import type { Job } from '../api/types';
import { stateIcons } from './icons';
import { Svg } from './Svg';
import { isStale, toneOf } from './words';

/** Shape and colour of a job's state. The word stands beside it, so those who listen need not hear this. */
export function StateIcon({ job }: { job: Job }) {
  return (
    <span
      className="jp-Compute-stateIcon"
      data-tone={toneOf(job)}
      data-state={job.state}
      data-stale={isStale(job) || undefined}
      aria-hidden="true"
    >
      <Svg icon={stateIcons[job.state]} />
    </span>
  );
}
