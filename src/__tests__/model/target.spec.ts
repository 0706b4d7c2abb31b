import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

import { Target } from '../../model/target';
import { aCell, closeNotebook, openNotebook } from '../notebook/notebooks';

describe('Target', () => {
  let panel: NotebookPanel;
  let tracker: INotebookTracker & {
    currentWidget: NotebookPanel | null;
    currentChanged: Signal<unknown, unknown>;
    activeCellChanged: Signal<unknown, unknown>;
    selectionChanged: Signal<unknown, unknown>;
  };

  beforeEach(async () => {
    panel = await openNotebook([aCell('one', 'a = 1'), aCell('two', 'b = 2')], 'folder/a.ipynb');
    const signal = () => new Signal<unknown, unknown>({});
    tracker = {
      currentWidget: null,
      currentChanged: signal(),
      activeCellChanged: signal(),
      selectionChanged: signal()
    } as unknown as typeof tracker;
  });

  afterEach(() => closeNotebook(panel));

  it('is nothing without a notebook, and where there are none at all', () => {
    const nothing = { name: null, path: null, cells: 0 };
    expect(new Target(tracker).snapshot).toEqual(nothing);
    expect(new Target(null).snapshot).toEqual(nothing);
  });

  it('follows the notebook and its selection', () => {
    const target = new Target(tracker);
    const onChange = jest.fn();
    target.changed.connect(onChange);
    tracker.currentWidget = panel;
    tracker.currentChanged.emit(panel);
    expect(target.snapshot).toEqual({ name: 'a.ipynb', path: 'folder/a.ipynb', cells: 1 });
    panel.content.extendContiguousSelectionTo(1);
    tracker.selectionChanged.emit(undefined);
    expect(target.snapshot.cells).toBe(2);
    tracker.selectionChanged.emit(undefined);
    expect(onChange).toHaveBeenCalledTimes(2);
    target.dispose();
    tracker.currentWidget = null;
    tracker.currentChanged.emit(null);
    expect(onChange).toHaveBeenCalledTimes(2);
  });
});
