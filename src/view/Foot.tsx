import React from 'react';

import type { Cluster } from '../api/types';
import { useTrans } from './translation';
import { clock, fullTime } from './units';

/** Which schedulers answer, and as of when; the silent ones by name. */
export function Foot({ clusters }: { clusters: readonly Cluster[] }) {
  const trans = useTrans();
  const answering = clusters.filter(({ ok }) => ok);
  const silent = clusters.filter(({ ok }) => !ok);
  const latest = answering
    .map(({ asked_at }) => asked_at ?? '')
    .sort()
    .pop();
  const names = answering.map(({ title }) => title).join(', ');
  return (
    <div role="group" className="jp-Compute-foot" aria-label={trans.__('Schedulers')}>
      {answering.length > 0 && (
        <span title={latest ? trans.__('Last answer: %1', fullTime(latest)) : undefined}>
          <span
            className="jp-Compute-dot"
            data-ok="true"
            role="img"
            aria-label={trans.__('Answering:')}
          />
          {[names, latest ? clock(latest, 'seconds') : ''].filter(Boolean).join(' · ')}
        </span>
      )}
      {silent.map(cluster => (
        <Silent key={cluster.name} cluster={cluster} />
      ))}
    </div>
  );
}

function Silent({ cluster }: { cluster: Cluster }) {
  const trans = useTrans();
  const { title, reason, silent_since, asked_at } = cluster;
  const since = silent_since ?? asked_at;
  return (
    <span title={reason}>
      <span
        className="jp-Compute-dot"
        data-ok="false"
        role="img"
        aria-label={trans.__('Silent:')}
      />
      {since ? trans.__('%1 silent since %2', title, clock(since)) : trans.__('%1 silent', title)}
    </span>
  );
}
