import { isActive } from '../api/states';
import type { Job, JobState } from '../api/types';

/** Which jobs to show. */
export type Chip = 'all' | 'active' | 'failed';

/** Whether a job in this state belongs to the chip. What we lost track of needs a look, like a failure. */
export function belongs(chip: Chip, state: JobState): boolean {
  switch (chip) {
    case 'all':
      return true;
    case 'active':
      return isActive(state);
    case 'failed':
      return state === 'failed' || state === 'unknown';
  }
}

/** How many jobs a chip stands for, of all that the server knows. */
export function count(chip: Chip, counts: Readonly<Record<string, number>>): number {
  return Object.entries(counts)
    .filter(([state]) => belongs(chip, state as JobState))
    .reduce((sum, [, some]) => sum + some, 0);
}

/** Jobs of the chip whose name, path, profile or native id contain all the words. */
export function filter(jobs: readonly Job[], chip: Chip, text: string): readonly Job[] {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (chip === 'all' && words.length === 0) {
    return jobs;
  }
  return jobs.filter(
    job => belongs(chip, job.state) && words.every(word => haystack(job).includes(word))
  );
}

function haystack({ name, source, profile, profile_title, native_id, cluster }: Job): string {
  return [name, source.path, profile, profile_title, native_id ?? '', cluster]
    .join('\n')
    .toLocaleLowerCase();
}
