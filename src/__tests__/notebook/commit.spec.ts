import type { IOutput } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';

import { codeCell, commit } from '../../notebook/commit';
import { aCell, closeNotebook, inDocument, inView, openNotebook, stream } from './notebooks';

const PICTURE: IOutput = {
  output_type: 'display_data',
  data: { 'image/png': 'aGk=' },
  metadata: {}
};
const RESULT: IOutput = {
  output_type: 'execute_result',
  data: { 'text/plain': '1', 'text/html': '<b>1</b>' },
  metadata: {},
  execution_count: 1
};
const ERROR: IOutput = { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] };

describe('commit', () => {
  let panel: NotebookPanel;

  async function open(outputs: IOutput[]): Promise<void> {
    panel = await openNotebook([aCell('a', 'x', outputs), aCell('b', 'y', [stream('kept\n')])]);
  }

  afterEach(() => closeNotebook(panel));

  const table: [string, IOutput[], IOutput[]][] = [
    ['nothing over nothing', [], []],
    ['a text over nothing', [], [stream('a\n')]],
    [
      'a text over a text of the same name, which JupyterLab would join',
      [stream('a\n')],
      [stream('a\nb\n'), PICTURE]
    ],
    ['a text over a picture and a text', [PICTURE, stream('a\n')], [stream('b\n')]],
    ['a picture over a text', [stream('a\n')], [PICTURE]],
    ['a text over the same text', [stream('a\n')], [stream('a\n')]],
    ['nothing over a text', [stream('a\n')], []],
    [
      'many over many',
      [stream('a'), stream('b', 'stderr'), RESULT],
      [stream('b', 'stderr'), stream('a'), PICTURE, RESULT, ERROR]
    ]
  ];

  it.each(table)('puts %s: document and view agree', async (_, old, outputs) => {
    await open(old);
    expect(commit(panel.context.model, 'a', outputs, 7)).toBe(true);
    expect(inDocument(panel, 'a')).toEqual(outputs);
    expect(inView(panel, 'a')).toEqual(outputs);
    expect(inDocument(panel, 'b')).toEqual([stream('kept\n')]);
    expect(codeCell(panel.context.model, 'a')?.executionCount).toBe(7);
  });

  it.each(table)('puts %s twice, and nothing doubles', async (_, old, outputs) => {
    await open(old);
    commit(panel.context.model, 'a', outputs, 1);
    commit(panel.context.model, 'a', outputs, 2);
    expect(inDocument(panel, 'a')).toEqual(outputs);
    expect(inView(panel, 'a')).toEqual(outputs);
  });

  it('trusts the cell without spoiling what it holds', async () => {
    await open([stream('a\n'), RESULT]);
    commit(panel.context.model, 'a', [stream('a\nb\n'), RESULT], 1);
    expect(codeCell(panel.context.model, 'a')?.trusted).toBe(true);
    expect(inDocument(panel, 'a')).toEqual([stream('a\nb\n'), RESULT]);
  });

  it('changes the outputs in one step and beside the undo history', async () => {
    await open([stream('a\n')]);
    const shared = codeCell(panel.context.model, 'a')!.sharedModel;
    shared.setSource('edited');
    shared.clearUndoHistory();
    const changes = jest.fn();
    shared.changed.connect((_, change) => 'outputsChange' in change && changes());
    commit(panel.context.model, 'a', [stream('b\n'), PICTURE], 1);
    expect(changes).toHaveBeenCalledTimes(1);
    expect(shared.canUndo()).toBe(false);
    expect(panel.context.model.dirty).toBe(true);
  });

  it('finds a cell that was moved', async () => {
    await open([stream('a\n')]);
    panel.context.model.sharedModel.moveCell(0, 1);
    expect(commit(panel.context.model, 'a', [stream('b\n')], 1)).toBe(true);
    expect(inDocument(panel, 'a')).toEqual([stream('b\n')]);
    expect(inView(panel, 'a')).toEqual([stream('b\n')]);
  });

  it('tells that a cell is not there', async () => {
    await open([]);
    expect(commit(panel.context.model, 'z', [stream('b\n')], 1)).toBe(false);
    expect(panel.context.model.dirty).toBe(false);
  });
});
