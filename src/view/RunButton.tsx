import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { ProfilesSnapshot } from '../tokens';
import { menuBelow, once } from './clicks';
import type { IStore } from './hooks';
import { useSnapshot } from './hooks';
import { Svg } from './Svg';
import { ViewWidget } from './widget';

/** What a plain click runs. */
export type RunKind = 'cells' | 'notebook';

export interface IRunButtonOptions {
  readonly trans: TranslationBundle;
  readonly profiles: IStore<ProfilesSnapshot>;
  readonly kind: IStore<RunKind>;
  /** `ask`: show the options first. */
  onRun(kind: RunKind, ask: boolean): void;
  /** The menu is wanted: `open` shows it. */
  onMenu(open: () => void): void;
}

/** “Run on Short queue ▾” in a notebook's toolbar. */
export class RunButton extends ViewWidget {
  constructor({ trans, profiles, kind: kinds, onRun, onMenu }: IRunButtonOptions) {
    const titles: Readonly<Record<RunKind, string>> = {
      cells: trans.__(
        'Run the selected cells there, in the background. Shift-click shows the options.'
      ),
      notebook: trans.__(
        'Run the whole notebook there, in the background. Shift-click shows the options.'
      )
    };
    const labelOf = (kind: RunKind, place: string) =>
      kind === 'notebook' ? trans.__('Run notebook on %1', place) : trans.__('Run on %1', place);
    const View = () => {
      const { current } = useSnapshot(profiles);
      const kind = useSnapshot(kinds);
      const menu = (element: Element) => onMenu(() => menuBelow(element));
      return (
        <div className="jp-Compute-split" role="group" aria-label={trans.__('Compute')}>
          <button
            type="button"
            title={current ? titles[kind] : trans.__('Choose what to run, and where')}
            onClick={once(event =>
              current
                ? onRun(kind, event.shiftKey)
                : menu(event.currentTarget.parentElement ?? event.currentTarget)
            )}
          >
            {current && <span className="jp-Compute-dot" data-ok={current.available.ok} />}
            <span className="jp-Compute-splitLabel">
              {current ? labelOf(kind, current.title) : trans.__('Run on…')}
            </span>
          </button>
          <button
            type="button"
            aria-haspopup="menu"
            aria-label={trans.__('Choose what to run, and where')}
            title={trans.__('Choose what to run, and where')}
            onClick={event => menu(event.currentTarget.parentElement ?? event.currentTarget)}
          >
            <Svg icon={caretDownIcon} />
          </button>
        </div>
      );
    };
    super(trans, View, 'jp-Compute-runButton');
  }
}
