import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

/** Where an element says, in its dataset, to which notebook it belongs. */
export const PANEL = 'jpComputePanel';

/** How a command is told which notebook is meant. */
export const WHERE = {
  panel: {
    type: 'string',
    description: "Id of the notebook's tab; the current one when left out."
  },
  button: {
    type: 'boolean',
    description:
      'Use the notebook whose Run button was pressed, and remember this as what a plain click does.'
  }
} as const;

/** The notebook that is meant; null: there is none. The button of one that is not in front means its own. */
export function panelOf(
  app: Pick<JupyterFrontEnd, 'contextMenuHitTest'>,
  notebooks: INotebookTracker | null,
  { panel, button }: ReadonlyPartialJSONObject
): NotebookPanel | null {
  // In a narrow notebook the button is in a pop-up, which is no part of it.
  const hit = button
    ? app.contextMenuHitTest(({ dataset }) => PANEL in dataset)?.dataset[PANEL]
    : null;
  const id = panel ?? hit;
  return id == null
    ? (notebooks?.currentWidget ?? null)
    : (notebooks?.find(each => each.id === id) ?? null);
}
