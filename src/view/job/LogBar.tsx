import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { LogStream } from '../../api/types';
import { IconButton } from '../IconButton';
import { useTrans } from '../translation';

export interface ILogBarProps {
  readonly stream: LogStream;
  readonly wraps: boolean;
  /** How many places were found, and which of them is shown; null: nothing is looked for. */
  readonly found: Readonly<{ count: number; index: number; isAll: boolean }> | null;
  /** Where all of it is; null where there is none yet. */
  readonly url: string | null;
  onChoose(stream: LogStream): void;
  onWrap(wraps: boolean): void;
  onSearch(text: string): void;
  /** 1: the next place, -1: the one before. */
  onStep(step: 1 | -1): void;
}

/** Which log, search in it, and how it is shown. */
export function LogBar(props: ILogBarProps) {
  const { stream, wraps, found, url, onChoose, onWrap, onSearch, onStep } = props;
  const trans = useTrans();
  const streams: readonly [LogStream, string][] = [
    ['stdout', trans.__('Output')],
    ['stderr', trans.__('Errors')],
    ['scheduler', trans.__('Scheduler')]
  ];
  const chip = (label: string, isPressed: boolean, onClick: () => void) => (
    <button
      key={label}
      type="button"
      className="jp-Compute-chip"
      aria-pressed={isPressed}
      onClick={onClick}
    >
      {label}
    </button>
  );
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      onStep(event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape' && event.currentTarget.value !== '') {
      event.stopPropagation();
      event.currentTarget.value = '';
      onSearch('');
    }
  };
  return (
    <div className="jp-Compute-logBar">
      <span className="jp-Compute-chips" role="group" aria-label={trans.__('Which log')}>
        {streams.map(([each, label]) => chip(label, each === stream, () => onChoose(each)))}
      </span>
      <span className="jp-Compute-logSearch" role="search">
        <input
          type="search"
          className="jp-Compute-search"
          aria-label={trans.__('Search in the log')}
          placeholder={trans.__('Search')}
          onChange={({ target }) => onSearch(target.value)}
          onKeyDown={onKeyDown}
        />
        <span role="status">{found && countOf(found, trans)}</span>
        <IconButton
          icon={caretUpIcon}
          label={trans.__('Previous')}
          disabled={!found?.count}
          onClick={() => onStep(-1)}
        />
        <IconButton
          icon={caretDownIcon}
          label={trans.__('Next')}
          disabled={!found?.count}
          onClick={() => onStep(1)}
        />
      </span>
      {chip(trans.__('Wrap lines'), wraps, () => onWrap(!wraps))}
      {url !== null && (
        <a href={url} download={url.split('/').pop()}>
          {trans.__('Download')}
        </a>
      )}
    </div>
  );
}

function countOf(
  { count, index, isAll }: NonNullable<ILogBarProps['found']>,
  trans: ReturnType<typeof useTrans>
): string {
  if (count === 0) {
    return isAll ? trans.__('Not found') : trans.__('Not in the part shown');
  }
  return isAll
    ? trans.__('%1 of %2', index + 1, count)
    : trans.__('%1 of %2 in the part shown', index + 1, count);
}
