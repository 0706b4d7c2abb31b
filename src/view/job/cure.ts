import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job, Profile, Resources } from '../../api/types';
import { tellMemory } from '../quantities';
import { duration } from '../units';

/** What may help against a failure, best first; `why` says why nothing stronger is offered. */
export type Cure =
  | Readonly<{ kind: 'again'; label: string; resources?: Resources }>
  | Readonly<{ kind: 'edit'; label: string; why: string }>
  | Readonly<{ kind: 'look'; label: string }>;

type Lacked = 'memory_mb' | 'walltime_s';

const LACKED: Readonly<Record<string, Lacked>> = {
  out_of_memory: 'memory_mb',
  timeout: 'walltime_s'
};

/** How many times as much is asked for where that was what it lacked; the server's own retries do the same. */
const MORE = 2;

/**
 * The button that belongs to a failure; null where running again is no cure or not possible.
 *
 * `profile`: where it ran, as it is now; undefined: it is gone; null: nobody has told yet.
 */
export function cureOf(
  job: Job,
  profile: Profile | undefined | null,
  trans: TranslationBundle
): Cure | null {
  const { state, can, reason, progress, resources } = job;
  if (state !== 'failed' || !can.includes('retry')) {
    return null;
  }
  const code = reason?.code ?? '';
  const lacked = LACKED[code];
  if (lacked) {
    return more(lacked, resources[lacked], profile, job.profile_title, trans);
  }
  if (code === 'rejected') {
    return edit(trans.__('Asking for the same would be refused again.'), trans);
  }
  if (code === 'error' && progress) {
    return { kind: 'look', label: trans.__('Show the error') };
  }
  return { kind: 'again', label: trans.__('Run again') };
}

function more(
  lacked: Lacked,
  asked: number | undefined,
  profile: Profile | undefined | null,
  title: string,
  trans: TranslationBundle
): Cure {
  if (profile === null) {
    return edit('', trans);
  }
  if (!profile) {
    return edit(trans.__('The profile “%1” is no longer there: choose another.', title), trans);
  }
  const range = profile.resources[lacked];
  const isMemory = lacked === 'memory_mb';
  if (!range || asked === undefined) {
    return edit(
      isMemory
        ? trans.__('“%1” does not let one choose the memory: another profile may.', title)
        : trans.__('“%1” does not let one choose the time limit: another profile may.', title),
      trans
    );
  }
  const most = range.max ?? Infinity;
  if (most <= asked) {
    return edit(
      isMemory
        ? trans.__('It had all the memory that “%1” allows: choose another profile.', title)
        : trans.__('It had all the time that “%1” allows: choose another profile.', title),
      trans
    );
  }
  const amount = Math.min(MORE * asked, most);
  return {
    kind: 'again',
    resources: { [lacked]: amount },
    label: trans.__('Run again with %1', isMemory ? tellMemory(amount) : duration(amount * 1000))
  };
}

function edit(why: string, trans: TranslationBundle): Cure {
  return { kind: 'edit', label: trans.__('Edit and run again…'), why };
}
