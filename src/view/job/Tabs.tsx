import React, { useRef } from 'react';

import { useTrans } from '../translation';

/** `panel` is the id of the node that it shows. */
export type Tab = Readonly<{ id: string; label: string; panel: string }>;

export interface ITabsProps {
  readonly tabs: readonly Tab[];
  readonly current: string;
  onChoose(id: string): void;
}

/** A row of tabs: arrows move, the one that is chosen is shown at once. */
export function Tabs({ tabs, current, onChoose }: ITabsProps) {
  const trans = useTrans();
  const row = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const index = tabs.findIndex(({ id }) => id === current);
    const wanted = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[event.key];
    if (wanted !== undefined) {
      event.preventDefault();
      const next = (wanted + tabs.length) % tabs.length;
      onChoose(tabs[next].id);
      row.current?.querySelectorAll<HTMLElement>('[role="tab"]')[next].focus();
    }
  };
  return (
    <div
      ref={row}
      role="tablist"
      className="jp-Compute-tabs"
      aria-label={trans.__('About this job')}
      onKeyDown={onKeyDown}
    >
      {tabs.map(({ id, label, panel }) => (
        <button
          key={id}
          type="button"
          role="tab"
          aria-selected={id === current}
          aria-controls={panel}
          tabIndex={id === current ? 0 : -1}
          onClick={() => onChoose(id)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
