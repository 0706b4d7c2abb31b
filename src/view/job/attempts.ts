import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job } from '../../api/types';
import { said } from '../said';
import { memory } from '../units';

/** What an earlier attempt of a job left in the run folder. */
export type Attempt = Readonly<{
  number: number;
  startedAt: string;
  /** Null where it was ended without a word. */
  endedAt: string | null;
  node: string | null;
  why: string | null;
  peakMemoryMb: number | null;
}>;

/** More of them are not looked at one by one: a job that is started anew every minute has hundreds. */
const MOST = 5;

/** The attempts before the present one that are still there, oldest first. Never rejects. */
export async function earlierAttempts(
  { attempt }: Pick<Job, 'attempt'>,
  readFile: (path: string) => Promise<string>
): Promise<readonly Attempt[]> {
  const last = (attempt ?? 1) - 1;
  const numbers = Array.from({ length: last }, (_, index) => index + 1).slice(-MOST);
  const found = await Promise.all(numbers.map(number => read(number, readFile)));
  return found.flatMap(each => each ?? []);
}

async function read(
  number: number,
  readFile: (path: string) => Promise<string>
): Promise<Attempt | null> {
  const json = async (name: string) => {
    try {
      return JSON.parse(await readFile(`attempts/${number}/${name}`)) as Facts;
    } catch {
      // It never began, was killed before it could say how it ended, or its folder is gone.
      return null;
    }
  };
  const [started, ended] = await Promise.all([json('started.json'), json('exit.json')]);
  return started?.started_at
    ? {
        number,
        startedAt: started.started_at,
        endedAt: ended?.ended_at ?? null,
        node: started.node ?? started.host ?? null,
        why: ended?.reason?.text ?? null,
        peakMemoryMb: ended?.peak_memory_mb ?? null
      }
    : null;
}

/** What an earlier attempt says of itself, in short lines. */
export function attemptNotes(
  { node, endedAt, why, peakMemoryMb }: Attempt,
  trans: TranslationBundle
): string[] {
  return [
    node ? trans.__('On %1', node) : '',
    said(why, trans),
    endedAt === null ? trans.__('It ended without a word of its own.') : '',
    peakMemoryMb ? trans.__('%1 used at most', memory(peakMemoryMb)) : ''
  ].filter(Boolean);
}

type Facts = Readonly<{
  started_at?: string;
  ended_at?: string;
  node?: string | null;
  host?: string;
  reason?: Readonly<{ text?: string }> | null;
  peak_memory_mb?: number | null;
}>;
