import type { ISharedAttachmentsCell, ISharedCell } from '@jupyter/ydoc';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';

import type { components } from '../api/schema';

export type Source = components['schemas']['Source'];
type Content = components['schemas']['Notebook'];

/** What a notebook says of its kernel and language. */
export type Metadata = Readonly<{
  kernelspec?: { name?: unknown; language?: unknown };
  language_info?: { name?: unknown };
}>;

/** A code cell, as much of it as matters before it runs. */
export type Code = Readonly<{ id: string; source: string; tags: readonly string[] }>;

/** The notebook's code cells as they stand in the editor. */
export function codeOf(panel: NotebookPanel): Code[] {
  return panel.context.model.sharedModel.cells
    .filter(cell => cell.cell_type === 'code')
    .map(cell => ({
      id: cell.getId(),
      source: cell.getSource(),
      tags: tagsOf(cell.getMetadata('tags'))
    }));
}

/** Metadata may hold anything. */
export function tagsOf(tags: unknown): string[] {
  return Array.isArray(tags) ? tags.filter(tag => typeof tag === 'string') : [];
}

/** The whole notebook as it stands in the editor, unsaved edits included. */
export function notebookSource(panel: NotebookPanel, contents: Contents.IManager): Source {
  return { kind: 'notebook', path: localPath(panel, contents), content: contentOf(panel) };
}

/** Some cells of the notebook; the rest goes along, so that cells above can prepare the ground. */
export function cellsSource(
  panel: NotebookPanel,
  contents: Contents.IManager,
  cellIds: string[]
): Source {
  return {
    kind: 'cells',
    path: localPath(panel, contents),
    cell_ids: cellIds,
    content: contentOf(panel)
  };
}

/** Ids of the selected code cells in the notebook's order; the active cell when nothing else is selected. */
export function selectedCodeCells(panel: NotebookPanel): string[] {
  const notebook = panel.content;
  return notebook.widgets
    .filter(cell => cell.model.type === 'code' && notebook.isSelectedOrActive(cell))
    .map(cell => cell.model.id);
}

/**
 * Where a notebook lies below the server's root; null when it lies elsewhere.
 *
 * Collaboration used to put its documents on a drive of its own, over the same files; any other drive is not the server's.
 */
export function serverPath(path: string, contents: Contents.IManager): string | null {
  const drive = contents.driveName(path);
  return drive === '' || drive === 'RTC' ? contents.localPath(path) : null;
}

function localPath({ context: { path } }: NotebookPanel, contents: Contents.IManager): string {
  const local = serverPath(path, contents);
  if (local === null) {
    throw new RangeError(`“${path}” does not lie on this server.`);
  }
  return local;
}

/** nbformat before 4.5 knows no cell ids: what is sent gets them, the document stays as it is. */
function contentOf(panel: NotebookPanel): Content {
  const notebook = panel.context.model.sharedModel;
  const content = {
    cells: notebook.cells.map(withoutOutputs),
    metadata: { ...notebook.metadata },
    nbformat: notebook.nbformat,
    nbformat_minor: Math.max(notebook.nbformat_minor, 5)
  };
  // The contract leaves the inside of a notebook to nbformat.
  return content as unknown as Content;
}

/** The run replaces the outputs, so they need not travel; whether they were trusted is the page's own affair. */
function withoutOutputs(cell: ISharedCell): { [key: string]: unknown } {
  const { trusted, ...metadata } = cell.getMetadata();
  const json = { cell_type: cell.cell_type, id: cell.getId(), metadata, source: cell.getSource() };
  if (cell.cell_type === 'code') {
    return { ...json, execution_count: null, outputs: [] };
  }
  const attachments = (cell as ISharedAttachmentsCell).getAttachments?.();
  return attachments ? { ...json, attachments } : json;
}
