import type { ISharedCodeCell } from '@jupyter/ydoc';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';

/**
 * Writes a cell's outputs into the notebook, in one step and beside the undo history; false when the cell is not there.
 *
 * New outputs are appended before the old ones are deleted, and the cell is trusted before, not during: replacing them the
 * other way round makes JupyterLab 4 join new text to old and write that back into the document.
 */
export function commit(
  notebook: INotebookModel,
  cellId: string,
  outputs: IOutput[],
  executionCount: number | null
): boolean {
  const model = codeCell(notebook, cellId);
  if (!model) {
    return false;
  }
  const shared = model.sharedModel as ISharedCodeCell;
  model.trusted = true;
  notebook.sharedModel.transact(() => {
    const old = shared.getOutputs().length;
    shared.updateOutputs(old, old, outputs);
    if (old > 0) {
      shared.updateOutputs(0, old, []);
    }
    shared.execution_count = executionCount;
  }, false);
  return true;
}

/** The cell's model as of now: a move, a revert or an undo replaces it by another. */
export function codeCell(notebook: INotebookModel, cellId: string): ICodeCellModel | null {
  for (const cell of notebook.cells) {
    if (cell.id === cellId && cell.type === 'code') {
      return cell as ICodeCellModel;
    }
  }
  return null;
}
