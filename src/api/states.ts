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
