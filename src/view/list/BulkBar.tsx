import { closeIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { Job, JobAction } from '../../api/types';
import { IconButton } from '../IconButton';
import { useTrans } from '../translation';
import type { IJobEvents } from './JobRow';

export interface IBulkBarProps {
  readonly jobs: readonly Job[];
  readonly events: Pick<IJobEvents, 'onCancel' | 'onDelete'>;
  onClear(): void;
}

/** What may be done with all that is selected at once; each button says with how many of them. */
export function BulkBar({ jobs, events, onClear }: IBulkBarProps) {
  const trans = useTrans();
  const idsThatCan = (action: JobAction) =>
    jobs.filter(({ can }) => can.includes(action)).map(({ id }) => id);
  const button = (ids: string[], label: string, act: (ids: string[]) => void) =>
    ids.length > 0 && (
      <button type="button" className="jp-Compute-link" onClick={() => act(ids)}>
        {label}
      </button>
    );
  const active = idsThatCan('cancel');
  const over = idsThatCan('forget');
  return (
    <div role="toolbar" aria-label={trans.__('Selected jobs')} className="jp-Compute-bulk">
      <span aria-live="polite">{trans._n('%1 selected', '%1 selected', jobs.length)}</span>
      {button(active, trans.__('Cancel %1', active.length), events.onCancel)}
      {button(over, trans.__('Delete %1…', over.length), events.onDelete)}
      <IconButton icon={closeIcon} label={trans.__('Select none')} onClick={onClear} />
    </div>
  );
}
