import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { once } from './clicks';
import { Svg } from './Svg';

export interface IIconButtonProps {
  readonly icon: LabIcon;
  readonly label: string;
  readonly tabIndex?: number;
  readonly disabled?: boolean;
  onClick(event: React.MouseEvent<HTMLButtonElement>): void;
}

/** A small button that is only an icon; its label shows on hover. */
export function IconButton({ icon, label, tabIndex, disabled, onClick }: IIconButtonProps) {
  return (
    <button
      type="button"
      className="jp-Compute-iconButton"
      title={label}
      aria-label={label}
      tabIndex={tabIndex}
      disabled={disabled}
      onClick={event => {
        event.stopPropagation();
        once(onClick)(event);
      }}
    >
      <Svg icon={icon} />
    </button>
  );
}
