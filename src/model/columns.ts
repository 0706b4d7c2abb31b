import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IJobColumn, IJobColumns } from '../tokens';

/** What other extensions say of each job. */
export class Columns implements IJobColumns, IDisposable {
  private readonly _changed = new Signal<IJobColumns, void>(this);
  private _snapshot: readonly IJobColumn[] = Object.freeze([]);
  private _isDisposed = false;

  get snapshot(): readonly IJobColumn[] {
    return this._snapshot;
  }

  get changed(): ISignal<IJobColumns, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  add(column: IJobColumn): IDisposable {
    if (this._snapshot.some(({ id }) => id === column.id)) {
      throw new Error(`There is a column with the id ${column.id}.`);
    }
    this._set([...this._snapshot, column]);
    return new DisposableDelegate(() => {
      this._set(this._snapshot.filter(each => each !== column));
    });
  }

  private _set(columns: IJobColumn[]): void {
    this._snapshot = Object.freeze(columns);
    this._changed.emit();
  }
}
