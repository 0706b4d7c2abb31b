import React, { useRef } from 'react';

import { useTrans } from '../translation';

export type Tab = Readonly<{ id: string; label: string }>;

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
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const index = tabs.findIndex(({ id }) => id === current) + step;
      const next = (index + tabs.length) % tabs.length;
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
      {tabs.map(({ id, label }) => (
        <button
          key={id}
          type="button"
          role="tab"
          aria-selected={id === current}
          tabIndex={id === current ? 0 : -1}
          onClick={() => onChoose(id)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
