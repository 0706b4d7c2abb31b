import React, { useEffect, useRef, useState } from 'react';

import { isActive } from '../api/states';
import type { Job, JobState } from '../api/types';
import { useTrans } from './translation';
import { stateWord } from './words';

/** More than this at once is noise; the list is there to be read. */
const MOST = 3;

/** Says politely which jobs changed their state, for those who do not see the rows. */
export function Announcer({ jobs }: { jobs: readonly Job[] }) {
  const trans = useTrans();
  const known = useRef<ReadonlyMap<string, JobState> | null>(null);
  const [text, setText] = useState('');
  useEffect(() => {
    const before = known.current;
    known.current = new Map(jobs.map(({ id, state }) => [id, state]));
    // Older jobs that were loaded are no news.
    const isNews = ({ id, state }: Job) =>
      before?.get(id) !== state && (before?.has(id) || isActive(state));
    const changed = before ? jobs.filter(isNews) : [];
    if (changed.length > MOST) {
      setText(trans._n('%1 job changed', '%1 jobs changed', changed.length));
    } else if (changed.length > 0) {
      setText(changed.map(job => `${job.name}: ${stateWord(job, trans)}`).join('. '));
    }
  }, [jobs, trans]);
  return (
    <div className="jp-Compute-unseen" role="status" aria-live="polite">
      {text}
    </div>
  );
}
