import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';
import React from 'react';

import { TranslationProvider } from './translation';

/** A React view in a Lumino widget, in the reader's language. */
export class ViewWidget extends ReactWidget {
  constructor(
    private readonly _trans: TranslationBundle,
    private readonly _view: () => ReactElement,
    className: string
  ) {
    super();
    this.addClass('jp-Compute');
    this.addClass(className);
  }

  protected override render(): ReactElement {
    const View = this._view;
    return (
      <TranslationProvider value={this._trans}>
        <View />
      </TranslationProvider>
    );
  }
}
