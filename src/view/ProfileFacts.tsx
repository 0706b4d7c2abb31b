import '../../style/facts.css';

import React from 'react';

import type { Profile, Resources } from '../api/types';
import { useTrans } from './translation';
import { resources } from './units';
import { schedulerName } from './words';

/** What a job gets here unless it asks for something else. */
function defaults({ resources: ranges }: Profile): Resources {
  const given = Object.entries(ranges).map(([name, range]) => [name, range?.default]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Resources;
}

/** Its title, whether it answers, and the kind of its scheduler. */
export function ProfileLine({ profile }: { profile: Profile }) {
  const trans = useTrans();
  const { available, title, scheduler } = profile;
  const answers = available.ok ? trans.__('It answers.') : available.reason;
  return (
    <span className="jp-Compute-profileLine">
      <span
        className="jp-Compute-dot"
        data-ok={available.ok}
        role="img"
        aria-label={answers}
        title={answers}
      />
      <span className="jp-Compute-profileTitle">{title}</span>
      <span className="jp-Compute-tag">{schedulerName(scheduler.type, trans)}</span>
    </span>
  );
}

/** Cores, memory and time; instead of a fresh face, why it does not answer. */
export function ProfileFacts({ profile }: { profile: Profile }) {
  const trans = useTrans();
  const { available } = profile;
  const facts = resources(defaults(profile), trans);
  return (
    <span className="jp-Compute-profileFacts">
      {facts.map(([value, unit], index) => (
        <span key={index}>
          <b>{value}</b> {unit}
        </span>
      ))}
      {profile.queue && <span>{trans.__('queue %1', profile.queue)}</span>}
      {!available.ok && <span className="jp-Compute-warning">{available.reason}</span>}
      {available.ends_with_server && (
        <span className="jp-Compute-warning" title={available.ends_with_server}>
          {trans.__('Jobs may end with this server.')}
        </span>
      )}
    </span>
  );
}
