import type { JobState } from './types';

const ACTIVE: ReadonlySet<JobState> = new Set([
  'submitting',
  'queued',
  'held',
  'running',
  'completing'
]);
const FINAL: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'cancelled']);

/** The scheduler has it, or will: something may happen by itself. */
export function isActive(state: JobState): boolean {
  return ACTIVE.has(state);
}

/** Nothing will happen any more. `unknown` is neither active nor final. */
export function isFinal(state: JobState): boolean {
  return FINAL.has(state);
}

/** How many of the jobs that were counted by state are active. */
export function countActive(counts: Readonly<Record<string, number>>): number {
  return Object.entries(counts)
    .filter(([state]) => isActive(state as JobState))
    .reduce((sum, [, some]) => sum + some, 0);
}
