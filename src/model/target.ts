import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { PathExt } from '@jupyterlab/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { selectedCodeCells } from '../notebook/source';
import type { TargetSnapshot } from '../tokens';

const NOTHING: TargetSnapshot = Object.freeze({ name: null, path: null, cells: 0 });

/** Follows the notebook that was used last, and the selection in it. */
export class Target implements IDisposable {
  private readonly _tracker: INotebookTracker | null;
  private readonly _changed = new Signal<this, void>(this);
  private _panel: NotebookPanel | null = null;
  private _snapshot = NOTHING;
  private _isDisposed = false;

  /** Some pages have no notebooks at all. */
  constructor(tracker: INotebookTracker | null) {
    this._tracker = tracker;
    tracker?.currentChanged.connect(this._onPanel, this);
    tracker?.activeCellChanged.connect(this._update, this);
    tracker?.selectionChanged.connect(this._update, this);
    this._onPanel();
  }

  get snapshot(): TargetSnapshot {
    return this._snapshot;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._panel?.context.pathChanged.disconnect(this._update, this);
      this._tracker?.currentChanged.disconnect(this._onPanel, this);
      this._tracker?.activeCellChanged.disconnect(this._update, this);
      this._tracker?.selectionChanged.disconnect(this._update, this);
      Signal.clearData(this);
    }
  }

  private _onPanel(): void {
    const panel = this._tracker?.currentWidget ?? null;
    if (panel !== this._panel) {
      this._panel?.context.pathChanged.disconnect(this._update, this);
      this._panel = panel;
      panel?.context.pathChanged.connect(this._update, this);
    }
    this._update();
  }

  private _update(): void {
    const panel = this._tracker?.currentWidget ?? null;
    const path = panel?.context.path ?? null;
    const name = path === null ? null : PathExt.basename(path);
    const cells = panel?.content.model ? selectedCodeCells(panel).length : 0;
    const old = this._snapshot;
    if (old.path !== path || old.name !== name || old.cells !== cells) {
      this._snapshot = Object.freeze({ name, path, cells });
      this._changed.emit();
    }
  }
}
