import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { ProfilesSnapshot } from '../tokens';
import type { IStore } from './hooks';
import { useSnapshot } from './hooks';
import { ViewWidget } from './widget';

export interface IRunButtonOptions {
  readonly trans: TranslationBundle;
  readonly profiles: IStore<ProfilesSnapshot>;
  /** `ask`: show the options first. */
  onRun(ask: boolean): void;
  onMenu(below: DOMRect): void;
}

/** “Run on Short queue ▾” in a notebook's toolbar. */
export class RunButton extends ViewWidget {
  constructor({ trans, profiles, onRun, onMenu }: IRunButtonOptions) {
    const View = () => {
      const { current } = useSnapshot(profiles);
      const label = current ? trans.__('Run on %1', current.title) : trans.__('Run on…');
      const menu = (element: Element) => onMenu(element.getBoundingClientRect());
      return (
        <div className="jp-Compute-split" role="group" aria-label={trans.__('Compute')}>
          <button
            type="button"
            title={trans.__(
              'Run the selected cells there, in the background. Shift-click shows the options.'
            )}
            onClick={event => (current ? onRun(event.shiftKey) : menu(event.currentTarget))}
          >
            {current && <span className="jp-Compute-dot" data-ok={current.available.ok} />}
            <span className="jp-Compute-splitLabel">{label}</span>
          </button>
          <button
            type="button"
            aria-haspopup="menu"
            aria-label={trans.__('Choose what to run, and where')}
            title={trans.__('Choose what to run, and where')}
            onClick={event => menu(event.currentTarget.parentElement ?? event.currentTarget)}
          >
            <caretDownIcon.react tag={null} width="16" height="16" />
          </button>
        </div>
      );
    };
    super(trans, View, 'jp-Compute-runButton');
  }
}
