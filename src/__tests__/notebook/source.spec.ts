import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';

import { cellsSource, notebookSource, selectedCodeCells } from '../../notebook/source';
import { aCell, closeNotebook, openNotebook, stream } from './notebooks';

const contents = {
  driveName: (path: string) => (path.includes(':') ? path.split(':')[0] : ''),
  localPath: (path: string) => path.replace(/^\w+:/, '')
} as Contents.IManager;

describe('the source of a job', () => {
  let panel: NotebookPanel;

  afterEach(() => closeNotebook(panel));

  it('is the notebook as it stands in the editor, without outputs', async () => {
    panel = await openNotebook([
      { ...aCell('a', 'x = 1', [stream('old')]), metadata: { tags: ['t'], trusted: true } },
      { id: 'm', cell_type: 'markdown', source: '# T', metadata: {} }
    ]);
    panel.context.model.sharedModel.cells[0].setSource('x = 2');
    expect(notebookSource(panel, contents)).toEqual({
      kind: 'notebook',
      path: 'a.ipynb',
      content: {
        nbformat: 4,
        nbformat_minor: 5,
        metadata: expect.anything(),
        cells: [
          {
            id: 'a',
            cell_type: 'code',
            source: 'x = 2',
            metadata: { tags: ['t'] },
            outputs: [],
            execution_count: null
          },
          { id: 'm', cell_type: 'markdown', source: '# T', metadata: {} }
        ]
      }
    });
  });

  it('gives ids to cells of an older notebook and leaves the document as it is', async () => {
    const { id, ...cell } = aCell('', 'x');
    panel = await openNotebook([cell as never], 'old.ipynb', 4);
    const { content } = cellsSource(panel, contents, []);
    expect(content).toMatchObject({
      nbformat_minor: 5,
      cells: [{ id: expect.stringMatching(/^[\w-]+$/) }]
    });
    expect(panel.context.model.sharedModel.nbformat_minor).toBe(4);
    expect(panel.context.model.dirty).toBe(false);
  });

  it('names the cells', async () => {
    panel = await openNotebook([aCell('a', 'x'), aCell('b', 'y')]);
    expect(cellsSource(panel, contents, ['b'])).toMatchObject({
      kind: 'cells',
      path: 'a.ipynb',
      cell_ids: ['b']
    });
  });

  it.each([
    ['RTC:dir/a.ipynb', 'dir/a.ipynb'],
    ['dir/a.ipynb', 'dir/a.ipynb']
  ])('lies for %s at %s', async (path, local) => {
    panel = await openNotebook([aCell('a', 'x')]);
    jest.spyOn(panel.context, 'path', 'get').mockReturnValue(path);
    expect(notebookSource(panel, contents).path).toBe(local);
  });

  it('is refused in words when it lies elsewhere', async () => {
    panel = await openNotebook([aCell('a', 'x')]);
    jest.spyOn(panel.context, 'path', 'get').mockReturnValue('cloud:a.ipynb');
    expect(() => notebookSource(panel, contents)).toThrow('does not lie on this server');
  });

  it('knows the selected code cells, else the active one', async () => {
    panel = await openNotebook([
      aCell('a', 'x'),
      { id: 'm', cell_type: 'markdown', source: '', metadata: {} },
      aCell('b', 'y'),
      aCell('c', 'z')
    ]);
    const { content } = panel;
    content.activeCellIndex = 3;
    expect(selectedCodeCells(panel)).toEqual(['c']);
    content.activeCellIndex = 0;
    content.extendContiguousSelectionTo(2);
    expect(selectedCodeCells(panel)).toEqual(['a', 'b']);
  });
});
