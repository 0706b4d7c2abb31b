import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';

/**
 * Tells the style how much room the active cell's toolbar takes in the corner where a badge is.
 *
 * The toolbar comes when it likes, with the buttons that anybody adds, and hides where it has no room: so it is measured.
 */
export class ToolbarClearance implements IDisposable {
  constructor(private readonly _notebook: Notebook) {
    _notebook.activeCellChanged.connect(this._onActive, this);
    this._onActive();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._notebook.activeCellChanged.disconnect(this._onActive, this);
    this._coming.disconnect();
    this._size?.disconnect();
  }

  private _onActive(): void {
    const cell = this._notebook.activeCell;
    this._coming.disconnect();
    this._look();
    void cell?.ready.then(() => {
      if (!this._isDisposed && cell === this._notebook.activeCell) {
        // Not all that is below it: that is the editor, which changes with every key.
        this._coming.observe(cell.inputArea?.node ?? cell.node, { childList: true });
        this._look();
      }
    });
  }

  private _look(): void {
    const { activeCell } = this._notebook;
    const toolbar = activeCell?.node.querySelector<HTMLElement>('.jp-cell-toolbar');
    this._size?.disconnect();
    if (toolbar) {
      this._size?.observe(toolbar);
    }
  }

  /** No width: it hides itself. */
  private _onSize(width: number): void {
    this._notebook.node.style.setProperty(
      '--jp-compute-cell-toolbar',
      width > 0 ? `${Math.ceil(width)}px` : '-8px'
    );
  }

  private readonly _coming = new MutationObserver(() => this._look());
  /** Not in every test's browser. */
  private readonly _size =
    typeof ResizeObserver === 'undefined'
      ? undefined
      : new ResizeObserver(([entry]) => this._onSize((entry.target as HTMLElement).offsetWidth));
  private _isDisposed = false;
}
