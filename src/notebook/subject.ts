import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';

import type { Code, Metadata, Source } from './source';
import { cellsSource, codeOf, notebookSource, serverPath, tagsOf } from './source';

/** Something that could be run: a notebook, or some of its cells. */
export interface ISubject {
  /** Below the server's root. */
  readonly path: string;
  /** The chosen cells; null: the whole notebook. */
  readonly chosen: readonly string[] | null;
  /** The notebook's code cells. */
  readonly cells: readonly Code[];
  readonly metadata: Metadata;
  /** The kernel that it is connected to. */
  readonly sessionKernel: string | null;
  /** As it stands when one asks. */
  source(): Source;
}

/** A notebook in an editor, or these cells of it. Null: it does not lie on this server. */
export function openSubject(
  panel: NotebookPanel,
  contents: Contents.IManager,
  chosen: string[] | null
): ISubject | null {
  const path = serverPath(panel.context.path, contents);
  if (path === null) {
    return null;
  }
  return {
    path,
    chosen,
    cells: codeOf(panel),
    metadata: panel.context.model.sharedModel.metadata,
    sessionKernel: panel.sessionContext.session?.kernel?.name ?? null,
    source: () => (chosen ? cellsSource(panel, contents, chosen) : notebookSource(panel, contents))
  };
}

/**
 * A notebook as it was saved, or these cells of it.
 *
 * `isKept`: what runs is this content, also when the file is another by then, or gone.
 */
export function savedSubject(
  path: string,
  content: unknown,
  chosen: string[] | null,
  isKept = false
): ISubject {
  const notebook = content as { cells?: unknown; metadata?: Metadata };
  const cells = Array.isArray(notebook.cells) ? notebook.cells : [];
  const where = chosen
    ? { kind: 'cells' as const, path, cell_ids: chosen }
    : { kind: 'notebook' as const, path };
  return {
    path,
    chosen,
    cells: cells.flatMap(codeIn),
    metadata: notebook.metadata ?? {},
    sessionKernel: null,
    source: () => (isKept ? { ...where, content: content as Source['content'] } : where)
  };
}

type CellJson = {
  cell_type?: unknown;
  id?: unknown;
  source?: unknown;
  metadata?: { tags?: unknown };
};

/** nbformat before 4.5 knows no ids; the places do for a look. */
function codeIn({ cell_type, id, source, metadata }: CellJson, at: number): Code[] {
  return cell_type === 'code'
    ? [
        {
          id: typeof id === 'string' ? id : `#${at}`,
          source: [source ?? ''].flat().join(''),
          tags: tagsOf(metadata?.tags)
        }
      ]
    : [];
}
