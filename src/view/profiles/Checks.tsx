import React from 'react';

import type { ComputeError } from '../../api/errors';
import type { Trial } from '../../api/types';
import { useTrans } from '../translation';
import { moment } from '../units';
import { problem } from '../words';

/** What came of a trial. Null: it is under way. */
export type Tried = Readonly<{ trial?: Trial; error?: ComputeError }> | null;

/** What came of trying a profile: one line a check, with its cure. */
export function Checks({ tried }: { tried: Tried }) {
  const trans = useTrans();
  if (!tried) {
    return <p role="status">{trans.__('Testing…')}</p>;
  }
  const { trial, error } = tried;
  if (!trial) {
    const words = error ? [problem(error, trans), error.hint].filter(Boolean).join(' ') : '';
    return (
      <p role="alert" className="jp-Compute-fieldProblem">
        {words}
      </p>
    );
  }
  return (
    <div role="status" className="jp-Compute-checks">
      <p>
        <b>{trial.ok ? trans.__('It can be used.') : trans.__('It cannot be used yet.')}</b>
      </p>
      <ul>
        {trial.checks.map(({ what, ok, text, hint, begins_at }) => (
          <li key={what} data-ok={String(ok)}>
            <span
              role="img"
              aria-label={
                ok ? trans.__('Fine:') : ok === null ? trans.__('Not known:') : trans.__('Wrong:')
              }
            >
              {ok ? '✓' : ok === null ? '?' : '✗'}
            </span>
            <span>
              {text}
              {begins_at &&
                ` ${trans.__('It would begin: %1.', moment(begins_at, Date.now(), trans))}`}
              {hint && <small> {hint}</small>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
