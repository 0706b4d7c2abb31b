import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { NotebookPanel } from '@jupyterlab/notebook';

import { analyse } from './names/analyse';
import { needs } from './names/needs';
import type { CodeCell, Needed } from './names/needs';
import type { IPythonParser } from './names/tree';
import type { Code, Metadata } from './source';
import { codeOf } from './source';

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
  const parser = await parserOf(panel.context.model.sharedModel.metadata, languages);
  return parser && needs(analysed(codeOf(panel), parser), new Set(cellIds));
}

/** What each of the cells does to names. */
export function analysed(cells: readonly Code[], parser: IPythonParser): CodeCell[] {
  return cells.map(({ id, source, tags }) => ({
    id,
    names: analyse(source, parser),
    always: tags.includes(SETUP_TAG)
  }));
}

/** The parser of a Python notebook; null for another language. It is JupyterLab's own, which colours the cells, so it costs nothing. */
export async function parserOf(
  metadata: Metadata,
  languages: IEditorLanguageRegistry
): Promise<IPythonParser | null> {
  const spec = isPython(metadata) ? languages.findByMIME('text/x-python') : null;
  const language = spec && (await languages.getLanguage(spec));
  return language?.support?.language.parser ?? null;
}

function isPython({ kernelspec, language_info }: Metadata): boolean {
  // JupyterLab writes an empty language into a notebook that names none, until its kernel has answered.
  const language = language_info?.name || kernelspec?.language || 'python';
  return /^i?python/i.test(String(language));
}

/** A name that a cell reads and that nothing which runs before it gives. */
export type Missing = Readonly<{
  name: string;
  /** The nearest cell above that would give it and does not run; null when there is none. */
  givenBy: string | null;
}>;

/** What will be missed when just these cells run, in this order. */
export function missingNames(
  cells: readonly CodeCell[],
  run: readonly string[],
  given: ReadonlySet<string> = new Set()
): Missing[] {
  const places = new Map(cells.map(({ id }, at) => [id, at]));
  const running = run.flatMap(id => cells[places.get(id) ?? -1] ?? []);
  const last = Math.max(...run.map(id => places.get(id) ?? -1));
  const runs = new Set(run);
  const nearestFirst = cells.slice(0, last).reverse();
  const giverOf = (name: string) =>
    nearestFirst.find(
      ({ id, names }) => !runs.has(id) && (names.defines.has(name) || names.maybe.has(name))
    );
  return needs(running, runs)
    .unresolved.filter(name => !given.has(name))
    .map(name => ({ name, givenBy: giverOf(name)?.id ?? null }));
}
