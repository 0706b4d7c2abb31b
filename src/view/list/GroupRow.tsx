import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { useTrans } from '../translation';
import type { Item } from './filter';
import type { Place } from './JobRow';

export type Group = Extract<Item, { path: string }>;

export interface IGroupRowProps {
  readonly place: Place;
  readonly group: Group;
  readonly isCurrent: boolean;
  onFold(path: string): void;
  onFocus(key: string): void;
}

/** A notebook above its jobs. */
export function GroupRow({ place, group, isCurrent, onFold, onFocus }: IGroupRowProps) {
  const trans = useTrans();
  const { key, path, count, active, isFolded } = group;
  const Caret = isFolded ? caretRightIcon : caretDownIcon;
  const jobs = trans._n('%1 job', '%1 jobs', count);
  return (
    <div
      role="row"
      ref={place.measure}
      className="jp-Compute-groupRow"
      style={{ top: place.top }}
      data-index={place.index}
      data-key={key}
      aria-rowindex={place.index + 1}
      tabIndex={isCurrent ? 0 : -1}
      onClick={() => onFold(path)}
      onFocus={() => onFocus(key)}
    >
      <div role="gridcell" className="jp-Compute-groupFacts" title={path} aria-expanded={!isFolded}>
        <Caret.react tag="span" className="jp-Compute-caret" width="16" height="16" />
        <span className="jp-Compute-groupName">{path}</span>
        <span className="jp-Compute-groupCount">
          {active ? trans.__('%1, %2 active', jobs, active) : jobs}
        </span>
      </div>
    </div>
  );
}
