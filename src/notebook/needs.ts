import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { NotebookPanel } from '@jupyterlab/notebook';

import { analyse } from './names/analyse';
import { needs } from './names/needs';
import type { Needed } from './names/needs';
import type { IPythonParser } from './names/tree';

/** Cells with this tag prepare every run. */
export const SETUP_TAG = 'compute-setup';

/**
 * The code cells above that the given ones need, found from the names that cells bind and read.
 *
 * Null: nobody can tell, because the notebook is in another language than Python.
 */
export async function neededCells(
  panel: NotebookPanel,
  cellIds: string[],
  languages: IEditorLanguageRegistry
): Promise<Needed | null> {
  const wanted = new Set(cellIds);
  const cells = panel.context.model.sharedModel.cells.filter(cell => cell.cell_type === 'code');
  const parser = isPython(panel) ? await pythonParser(languages) : null;
  if (!parser) {
    return null;
  }
  return needs(
    cells.map(cell => ({
      id: cell.getId(),
      names: analyse(cell.getSource(), parser),
      always: hasTag(cell.getMetadata('tags'), SETUP_TAG)
    })),
    wanted
  );
}

/** JupyterLab's own parser: the one that colours the cells, so it costs nothing. */
async function pythonParser(languages: IEditorLanguageRegistry): Promise<IPythonParser | null> {
  const spec = languages.findByMIME('text/x-python');
  const language = spec && (await languages.getLanguage(spec));
  return language?.support?.language.parser ?? null;
}

function isPython(panel: NotebookPanel): boolean {
  const { kernelspec, language_info } = panel.context.model.sharedModel.metadata;
  // JupyterLab writes an empty language into a notebook that names none, until its kernel has answered.
  const language = language_info?.name || kernelspec?.language || 'python';
  return /^i?python/i.test(String(language));
}

function hasTag(tags: unknown, tag: string): boolean {
  return Array.isArray(tags) && tags.includes(tag);
}
