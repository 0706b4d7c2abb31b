import type { Change } from 'diff';
import React, { useMemo } from 'react';

import type { Job } from '../../api/types';
import { useTrans } from '../translation';
import { duration, fullTime } from '../units';
import { stateWord } from '../words';
import type { CellPair, CellText, RunText } from './compare';
import { factsOf, pairs } from './compare';

/** Finds out which lines of two texts are the same; it is loaded when it is needed. */
export type DiffLines = (one: string, other: string) => Change[];

export interface ICompareProps {
  readonly job: Job;
  /** Other runs of the notebook, newest first. */
  readonly others: readonly Job[];
  readonly other: Job | null;
  /** What both gave; null: it is being read. */
  readonly texts: Readonly<{ here: RunText; there: RunText }> | null;
  readonly diff: DiffLines | null;
  onChoose(id: string): void;
}

/** Two runs of a notebook beside each other: facts, and what their cells gave. */
export function CompareView({ job, others, other, texts, diff, onChoose }: ICompareProps) {
  const trans = useTrans();
  if (others.length === 0) {
    return <p className="jp-Compute-none">{trans.__('There is no other run of this notebook.')}</p>;
  }
  return (
    <>
      <label className="jp-Compute-compareWith">
        {trans.__('Compare with')}{' '}
        <select value={other?.id ?? ''} onChange={({ target }) => onChoose(target.value)}>
          {others.map(each => (
            <option key={each.id} value={each.id}>
              {`${each.name} · ${stateWord(each, trans)} · ${fullTime(each.created_at)}`}
            </option>
          ))}
        </select>
      </label>
      {other && <Facts job={job} other={other} />}
      {other && !(texts && diff) && <p>{trans.__('Loading…')}</p>}
      {texts && diff && <Cells here={texts.here} there={texts.there} diff={diff} />}
    </>
  );
}

function Facts({ job, other }: { job: Job; other: Job }) {
  const trans = useTrans();
  return (
    <table className="jp-Compute-compareFacts">
      <thead>
        <tr>
          <td />
          <th scope="col">{trans.__('This run')}</th>
          <th scope="col">{trans.__('The other run')}</th>
        </tr>
      </thead>
      <tbody>
        {factsOf(job, other, trans).map(({ label, here, there }) => (
          <tr key={label} data-differs={here !== there || undefined}>
            <th scope="row">
              {label}
              {here !== there && (
                <span className="jp-Compute-unseen"> ({trans.__('not the same')})</span>
              )}
            </th>
            <td>{here}</td>
            <td>{there}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cells({ here, there, diff }: { here: RunText; there: RunText; diff: DiffLines }) {
  const trans = useTrans();
  const all = useMemo(() => pairs(here, there), [here, there]);
  return (
    <>
      <p className="jp-Compute-compareNote">
        {trans.__(
          'Texts are compared line by line; of images and the like it is only seen whether they are the same.'
        )}
        {!(here.isAll && there.isAll) &&
          ` ${trans.__('Of very long outputs, only the beginning is compared.')}`}
      </p>
      {all.length === 0 && (
        <p className="jp-Compute-none">{trans.__('No cell of either has started.')}</p>
      )}
      {all.map((pair, index) => (
        <Cell key={pair.id} pair={pair} number={index + 1} diff={diff} />
      ))}
    </>
  );
}

function Cell({ pair, number, diff }: { pair: CellPair; number: number; diff: DiffLines }) {
  const trans = useTrans();
  const { here, there, source, isChanged } = pair;
  const isSame = here?.text === there?.text;
  const word = !here
    ? trans.__('only in the other run')
    : !there
      ? trans.__('only in this run')
      : isSame
        ? trans.__('same output')
        : trans.__('other output');
  return (
    <details className="jp-Compute-compareCell" open={!isSame}>
      <summary>
        <b>{trans.__('Cell %1', number)}</b> <code>{firstLine(source)}</code>{' '}
        <span data-tone={isSame ? 'quiet' : 'waiting'}>{word}</span>
        {isChanged && <span data-tone="waiting"> · {trans.__('its text was changed')}</span>}
        {here && there && <Times here={here} there={there} />}
      </summary>
      {isSame ? (
        <pre
          className="jp-Compute-code"
          role="group"
          tabIndex={0}
          aria-label={trans.__('Output of both')}
        >
          {here?.text || trans.__('(nothing)')}
        </pre>
      ) : (
        <Sides here={here?.text ?? ''} there={there?.text ?? ''} diff={diff} />
      )}
    </details>
  );
}

function Times({ here, there }: { here: CellText; there: CellText }) {
  const tell = ({ durationS }: CellText) => (durationS === null ? '–' : duration(durationS * 1000));
  return (
    <span data-tone="quiet">
      {' · '}
      {tell(here)} / {tell(there)}
    </span>
  );
}

/** What only this run has is marked at the left, what only the other one has at the right; with a sign besides the colour. */
function Sides({ here, there, diff }: { here: string; there: string; diff: DiffLines }) {
  const trans = useTrans();
  const parts = useMemo(() => diff(here, there), [here, there, diff]);
  const side = (label: string, sign: string, isLeftOut: (part: Change) => boolean) => (
    <pre className="jp-Compute-code" role="group" tabIndex={0} aria-label={label}>
      {parts
        .filter(part => !isLeftOut(part))
        .map((part, index) => (
          <span key={index} data-only={part.added || part.removed ? sign : undefined}>
            {part.value}
          </span>
        ))}
    </pre>
  );
  return (
    <div className="jp-Compute-sides">
      {side(trans.__('Output of this run'), 'here', ({ added }) => Boolean(added))}
      {side(trans.__('Output of the other run'), 'there', ({ removed }) => Boolean(removed))}
    </div>
  );
}

function firstLine(source: string): string {
  return source.trim().split('\n', 1)[0].slice(0, 80);
}
