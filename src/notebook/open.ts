import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { LiveMounter } from './mounter';
import { serverPath } from './source';

/** From one path to another; of a notebook, or of a folder with all that is in it. */
export type Renaming = Readonly<{ from: string; to: string }>;

/** The notebooks that are open in this page, by the path that jobs name them by, and how that changes. */
export class OpenNotebooks implements IDisposable {
  constructor(private readonly _contents: Contents.IManager) {
    _contents.fileChanged.connect(this._onFile, this);
  }

  /** A notebook or a folder, open or not, has another name now. */
  get renamed(): ISignal<this, Renaming> {
    return this._renamed;
  }

  /** A notebook was closed; it may still be open in another tab. */
  get closed(): ISignal<this, string> {
    return this._closed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get paths(): readonly string[] {
    return [...new Set([...this._open.values()].map(({ path }) => path))];
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
      this._open.forEach(({ mounter }) => mounter.dispose());
      this._open.clear();
    }
  }

  /** Null on another drive: nothing can have been sent from there. */
  pathOf({ context }: NotebookPanel): string | null {
    return serverPath(context.path, this._contents);
  }

  add(panel: NotebookPanel, path: string, mounter: LiveMounter): void {
    this._open.set(panel, { path, mounter });
    panel.disposed.connect(this._onClosed, this);
    panel.context.pathChanged.connect(this._onPath, this);
  }

  has(path: string): boolean {
    return [...this._open.values()].some(open => open.path === path);
  }

  /** The notebook if it is open and loaded. */
  model(path: string): INotebookModel | null {
    for (const [panel, { path: own }] of this._open) {
      if (own === path && !panel.isDisposed && panel.context.isReady) {
        return panel.context.model;
      }
    }
    return null;
  }

  private _onClosed(panel: NotebookPanel): void {
    const open = this._open.get(panel);
    if (this._open.delete(panel) && open) {
      open.mounter.dispose();
      this._closed.emit(open.path);
    }
  }

  private _onPath(context: NotebookPanel['context']): void {
    const to = serverPath(context.path, this._contents);
    // There may be several views of one notebook.
    for (const [panel, open] of this._open) {
      const { path: from } = open;
      if (panel.context === context && to !== null && to !== from) {
        open.path = to;
        this._renamed.emit({ from, to });
      }
    }
  }

  /** Also what is closed keeps its jobs when it gets another name in the file browser. */
  private _onFile(_: Contents.IManager, { type, oldValue, newValue }: Contents.IChangedArgs): void {
    const local = (model: Partial<Contents.IModel> | null) =>
      model?.path === undefined ? null : serverPath(model.path, this._contents);
    const [from, to] = [local(oldValue), local(newValue)];
    if (type === 'rename' && from !== null && to !== null) {
      this._renamed.emit({ from, to });
    }
  }

  private readonly _open = new Map<NotebookPanel, Open>();
  private readonly _renamed = new Signal<this, Renaming>(this);
  private readonly _closed = new Signal<this, string>(this);
  private _isDisposed = false;
}

type Open = { path: string; readonly mounter: LiveMounter };
