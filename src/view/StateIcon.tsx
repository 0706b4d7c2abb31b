import React from 'react';

import type { Job } from '../api/types';
import { stateIcons } from './icons';
import { isStale, toneOf } from './words';

/** Shape and colour of a job's state. The word stands beside it, so those who listen need not hear this. */
export function StateIcon({ job }: { job: Job }) {
  const Icon = stateIcons[job.state].react;
  return (
    <span
      className="jp-Compute-stateIcon"
      data-tone={toneOf(job)}
      data-state={job.state}
      data-stale={isStale(job) || undefined}
      aria-hidden="true"
    >
      <Icon tag={null} width="16" height="16" />
    </span>
  );
}
