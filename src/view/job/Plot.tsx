import React from 'react';

import { useTrans } from '../translation';
import { duration } from '../units';
import type { Series } from './usage';
import { inWords } from './usage';

/** Units of the drawing; the browser stretches it. */
const SIZE = 1000;

/** One amount over time beside what was asked for. Whoever cannot see it gets it in a sentence. */
export function Plot({ series }: { series: Series }) {
  const trans = useTrans();
  const { title, points, asked, top, tell } = series;
  const [length] = points[points.length - 1];
  const x = (seconds: number) => (SIZE * seconds) / Math.max(length, 1);
  const y = (amount: number) => SIZE * (1 - amount / top);
  const line = points.map(([seconds, amount]) => `${x(seconds)},${y(amount)}`).join(' ');
  const [first] = points[0];
  // What was used fills the ground below it; before the first sample nothing is known.
  const area = `${x(first)},${SIZE} ${line} ${SIZE},${SIZE}`;
  const most = Math.max(...points.map(([, amount]) => amount));
  return (
    <figure className="jp-Compute-plot">
      <figcaption>
        <b>{title}</b> <span>{trans.__('at most %1', tell(most))}</span>
        {asked !== null && <span data-asked="true">{trans.__('asked for %1', tell(asked))}</span>}
      </figcaption>
      <div className="jp-Compute-plotGround">
        <span className="jp-Compute-plotTop" aria-hidden="true">
          {tell(top)}
        </span>
        <span className="jp-Compute-plotZero" aria-hidden="true">
          0
        </span>
        <svg
          role="img"
          aria-label={inWords(series, trans)}
          viewBox={`0 0 ${SIZE} ${SIZE}`}
          preserveAspectRatio="none"
        >
          <polygon points={area} />
          <polyline points={line} />
          {asked !== null && <line x1="0" x2={SIZE} y1={y(asked)} y2={y(asked)} />}
        </svg>
      </div>
      <div className="jp-Compute-plotTimes" aria-hidden="true">
        <span>{duration(0)}</span>
        <span>{trans.__('time since the start')}</span>
        <span>{duration(length * 1000)}</span>
      </div>
    </figure>
  );
}
