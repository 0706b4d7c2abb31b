import type { ICell, INotebookContent, IOutput } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { initNotebookContext, NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { ServiceManagerMock } from '@jupyterlab/services/lib/testutils';
import { Widget } from '@lumino/widgets';

// JupyterLab's own mocks warn of clipboards and Yjs; that is not what the specs are about.
beforeAll(() => {
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  jest.spyOn(console, 'debug').mockImplementation(() => undefined);
});

export function aCell(id: string, source: string, outputs: IOutput[] = []): ICell {
  return { id, cell_type: 'code', source, metadata: {}, outputs, execution_count: null };
}

export function aNotebook(cells: ICell[], nbformat_minor = 5): INotebookContent {
  return { nbformat: 4, nbformat_minor, metadata: {}, cells } as INotebookContent;
}

/** JupyterLab's own notebook panel in the page, with these cells and nothing unsaved. */
export async function openNotebook(
  cells: ICell[],
  path = 'a.ipynb',
  nbformat_minor = 5
): Promise<NotebookPanel> {
  const context = await initNotebookContext({ path, manager: new ServiceManagerMock() });
  context.model.fromJSON(aNotebook(cells, nbformat_minor));
  context.model.dirty = false;
  const panel = NBTestUtils.createNotebookPanel(context as never);
  Widget.attach(panel, document.body);
  return panel;
}

export function closeNotebook(panel: NotebookPanel): void {
  const { context } = panel;
  panel.dispose();
  context.dispose();
}

export function stream(text: string, name = 'stdout'): IOutput {
  return { output_type: 'stream', name, text };
}

/** What the document holds for a cell. */
export function inDocument(panel: NotebookPanel, id: string): IOutput[] {
  const cell = panel.context.model.sharedModel.cells.find(each => each.getId() === id);
  return (cell?.toJSON() as unknown as { outputs: IOutput[] }).outputs;
}

/** What the cell's own view shows. */
export function inView(panel: NotebookPanel, id: string): IOutput[] {
  const widget = panel.content.widgets.find(({ model }) => model.id === id);
  return (widget?.model as unknown as { outputs: { toJSON(): IOutput[] } }).outputs.toJSON();
}
