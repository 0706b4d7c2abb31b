import type { BulkResult } from '../api/types';

/** The most jobs that the server takes with one wish. */
const MOST = 1000;

/** One wish for any number of jobs, as many questions as that takes, one after the other. */
export async function inPieces(
  ids: readonly string[],
  ask: (some: string[]) => Promise<BulkResult>
): Promise<BulkResult> {
  const all: BulkResult = { done: [], failed: [] };
  for (let from = 0; from < ids.length; from += MOST) {
    const { done, failed } = await ask(ids.slice(from, from + MOST));
    all.done.push(...done);
    all.failed.push(...failed);
  }
  return all;
}
