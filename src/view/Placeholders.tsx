import type { MutableRefObject } from 'react';
import React, { useEffect, useRef } from 'react';

import type { ComputeError } from '../api/errors';
import { useTrans } from './translation';
import { problem } from './words';

const INSTALL = 'pip install jupyterlab-compute';
const ENABLE = 'jupyter server extension enable jupyterlab_compute';

/** Before the first list came. */
export function Loading() {
  const trans = useTrans();
  return (
    <div className="jp-Compute-placeholder" role="status">
      {trans.__('Loading…')}
    </div>
  );
}

type EmptyProps = Readonly<{
  onExample?: () => void;
  /** Whether it takes the place of rows that had the focus. */
  lostFocus: MutableRefObject<boolean>;
}>;

/** Teaches the first step. */
export function Empty({ onExample, lostFocus }: EmptyProps) {
  const trans = useTrans();
  const node = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (lostFocus.current) {
      lostFocus.current = false;
      node.current?.focus();
    }
  }, [lostFocus]);
  return (
    <div ref={node} className="jp-Compute-placeholder" tabIndex={-1}>
      <strong>{trans.__('No jobs yet.')}</strong>
      <p>
        {trans.__(
          'Select cells and press “Run cells”: they run in the background on the profile above, and their outputs come back into the cells.'
        )}
      </p>
      {onExample && (
        <button type="button" className="jp-Compute-link" onClick={onExample}>
          {trans.__('Try the example notebook')}
        </button>
      )}
    </div>
  );
}

type TroubleProps = Readonly<{ error: ComputeError; onRetry(): void }>;

/** Nothing can be shown: what is wrong and what to do about it. */
export function Trouble({ error, onRetry }: TroubleProps) {
  const trans = useTrans();
  return (
    <div className="jp-Compute-placeholder" role="alert">
      <strong>{problem(error, trans)}</strong>
      {error.code === 'no_bridge' ? (
        <p>
          {trans.__(
            'Install the Python package where Jupyter Server runs, then restart the server:'
          )}
          <code>{INSTALL}</code>
          {trans.__('If it is installed, switch it on:')}
          <code>{ENABLE}</code>
        </p>
      ) : (
        <p>{error.hint}</p>
      )}
      <button type="button" className="jp-Compute-link" onClick={onRetry}>
        {trans.__('Try again')}
      </button>
    </div>
  );
}

/** The jobs are still on the screen, but they may be old. */
export function Offline({ error, onRetry }: TroubleProps) {
  const trans = useTrans();
  return (
    <div className="jp-Compute-banner" role="status">
      <span>
        {problem(error, trans)} {trans.__('What you see may be old.')}
      </span>
      <button type="button" className="jp-Compute-link" onClick={onRetry}>
        {trans.__('Try again')}
      </button>
    </div>
  );
}
