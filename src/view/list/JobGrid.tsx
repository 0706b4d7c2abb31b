import { useVirtualizer } from '@tanstack/react-virtual';
import React, { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

import type { Cluster } from '../../api/types';
import type { IJobColumn } from '../../tokens';
import { useHeir } from '../hooks';
import { useTrans } from '../translation';
import { clusterTitle } from '../words';
import type { Item } from './filter';
import { GroupRow } from './GroupRow';
import type { IJobEvents } from './JobRow';
import { JobRow } from './JobRow';
import { returnFromMenu } from './menu';

/** As high as a row is; each is measured when it is drawn. */
const ROW_PX = 48;
/** The line of what other extensions say. */
const LINE_PX = 15;
const AROUND = 8;

export interface IJobGridProps {
  readonly items: readonly Item[];
  readonly columns?: readonly IJobColumn[];
  readonly clusters: readonly Cluster[];
  readonly selected: ReadonlySet<string>;
  /** What the rows answer: the answer to another question is read from its beginning. */
  readonly query: unknown;
  readonly events: IJobEvents;
  onSelect(ids: ReadonlySet<string>): void;
  onFold(path: string): void;
  /** The last rows came into view. */
  onEnd(): void;
  /** It is taken out of the page, and the focus was in it. */
  onFocusLost?(): void;
}

/**
 * The rows, one of which has the focus; only those in view are in the page.
 *
 * A grid rather than a list box, because a row holds buttons: Up and Down move, with Shift they select, Enter opens,
 * Space selects, Ctrl+A selects all, Delete asks.
 */
export function JobGrid(props: IJobGridProps) {
  const { items, clusters, selected, events, onSelect, onFold, onEnd, onFocusLost } = props;
  const { columns = NO_COLUMNS } = props;
  const trans = useTrans();
  const scroll = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | null>(null);
  const anchor = useRef<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const at = Math.max(
    items.findIndex(({ key }) => key === focused),
    0
  );
  const current = items[at]?.key ?? null;

  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    getItemKey: index => items[index].key,
    estimateSize: () => ROW_PX + (columns.length > 0 ? LINE_PX : 0),
    overscan: AROUND,
    // The row that Tab leads to is always there.
    rangeExtractor: ({ startIndex, endIndex, overscan, count }) => {
      const first = Math.max(startIndex - overscan, 0);
      const last = Math.min(endIndex + overscan, count - 1);
      const range = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      return at < first ? [at, ...range] : at > last && at < count ? [...range, at] : range;
    }
  });
  const visible = virtual.getVirtualItems();

  const rowOf = (key: string | undefined | null) =>
    [...(grid.current?.querySelectorAll<HTMLElement>('[role="row"]') ?? [])].find(
      ({ dataset }) => dataset.key === key
    );
  const { query } = props;
  useLayoutEffect(() => {
    if (scroll.current) {
      scroll.current.scrollTop = 0;
    }
  }, [query]);
  const before = useRef(items);
  const heir = useHeir(() => rowOf(nearest(before.current, items, focused)) ?? grid.current);
  useLayoutEffect(() => {
    before.current = items;
  }, [items]);
  useLayoutEffect(() => {
    const row = rowOf(wanted.current);
    if (row) {
      wanted.current = null;
      row.focus({ preventScroll: true });
    }
  });
  useLayoutEffect(() => {
    const { current: node } = grid;
    return () => {
      if (node?.contains(document.activeElement)) {
        onFocusLost?.();
      }
    };
  }, [onFocusLost]);

  const lastSeen = visible.at(-1)?.index ?? -1;
  const isAtEnd = items.length > 0 && lastSeen >= items.length - AROUND;
  useEffect(() => {
    if (isAtEnd) {
      onEnd();
    }
  }, [isAtEnd, items, onEnd]);

  const toggle = useCallback(
    (id: string) => {
      const next = new Set(selected);
      if (!next.delete(id)) {
        next.add(id);
      }
      anchor.current = id;
      onSelect(next);
    },
    [selected, onSelect]
  );
  const selectTo = useCallback(
    (key: string) => {
      const keys = items.map(item => item.key);
      const from = Math.max(keys.indexOf(anchor.current ?? key), 0);
      const [first, last] = [from, keys.indexOf(key)].sort((a, b) => a - b);
      onSelect(
        new Set(items.slice(first, last + 1).flatMap(item => ('job' in item ? item.key : [])))
      );
    },
    [items, onSelect]
  );

  const { onOpen } = events;
  const onPick = useCallback(
    (id: string, event: React.MouseEvent) => {
      if (event.shiftKey) {
        selectTo(id);
      } else if (event.ctrlKey || event.metaKey) {
        toggle(id);
      } else {
        anchor.current = id;
        onSelect(NONE);
        onOpen(id);
      }
    },
    [onOpen, onSelect, selectTo, toggle]
  );

  const moveTo = (index: number, isSelecting = false) => {
    const next = items[Math.max(0, Math.min(index, items.length - 1))];
    if (next) {
      anchor.current ??= current;
      wanted.current = next.key;
      setFocused(next.key);
      virtual.scrollToIndex(items.indexOf(next));
      if (isSelecting) {
        selectTo(next.key);
      } else {
        anchor.current = next.key;
      }
    }
  };
  const perPage = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / ROW_PX) - 1);
  const keys: Readonly<Record<string, (item: Item, isShift: boolean) => void>> = {
    ArrowDown: (_, isShift) => moveTo(at + 1, isShift),
    ArrowUp: (_, isShift) => moveTo(at - 1, isShift),
    PageDown: (_, isShift) => moveTo(at + perPage, isShift),
    PageUp: (_, isShift) => moveTo(at - perPage, isShift),
    Home: (_, isShift) => moveTo(0, isShift),
    End: (_, isShift) => moveTo(items.length - 1, isShift),
    Enter: item => ('job' in item ? onOpen(item.key) : onFold(item.path)),
    ' ': item => ('job' in item ? toggle(item.key) : onFold(item.path)),
    Escape: () => {
      anchor.current = null;
      onSelect(NONE);
    },
    Delete: item =>
      'job' in item && events.onDelete(selected.has(item.key) ? [...selected] : [item.key])
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const isRow = (event.target as HTMLElement).getAttribute('role') === 'row';
    const isCommand = event.ctrlKey || event.metaKey;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    const item = items[at];
    if (!isRow || !item || event.altKey) {
      return;
    }
    if (isCommand && event.key.toLowerCase() === 'a') {
      onSelect(new Set(items.flatMap(each => ('job' in each ? each.key : []))));
    } else if (act && !isCommand) {
      act(item, event.shiftKey);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="jp-Compute-scroll" ref={scroll}>
      <div
        role="grid"
        ref={grid}
        className="jp-Compute-jobGrid"
        style={{ height: virtual.getTotalSize() }}
        aria-label={trans.__('Jobs')}
        aria-multiselectable="true"
        aria-rowcount={items.length}
        // Also of rows that are not in the page now.
        data-selected={[...selected].join(' ')}
        tabIndex={-1}
        onKeyDown={onKeyDown}
        onContextMenu={returnFromMenu}
        {...heir}
      >
        {visible.map(({ index, start, key }) => {
          const item = items[index];
          const place = { top: start, index, measure: virtual.measureElement };
          return 'job' in item ? (
            <JobRow
              key={key}
              place={place}
              job={item.job}
              columns={columns}
              cluster={clusterTitle(item.job, clusters)}
              isCurrent={item.key === current}
              isSelected={selected.has(item.key)}
              isMoving={virtual.isScrolling}
              events={events}
              onPick={onPick}
              onFocus={setFocused}
            />
          ) : (
            <GroupRow
              key={key}
              place={place}
              group={item}
              isCurrent={item.key === current}
              onFold={onFold}
              onFocus={setFocused}
            />
          );
        })}
      </div>
    </div>
  );
}

const NONE: ReadonlySet<string> = new Set();
const NO_COLUMNS: readonly IJobColumn[] = [];

/** Of the rows there are now: the one itself, else the one that came after it, else the one before. */
function nearest(
  before: readonly Item[],
  now: readonly Item[],
  key: string | null
): string | undefined {
  const keys = new Set(now.map(item => item.key));
  const at = before.findIndex(item => item.key === key);
  const order = [...before.slice(Math.max(at, 0)), ...before.slice(0, Math.max(at, 0)).reverse()];
  return order.find(item => keys.has(item.key))?.key;
}
