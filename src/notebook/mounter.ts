import type { ISharedCell } from '@jupyter/ydoc';
import { CodeCell } from '@jupyterlab/cells';
import type { Cell } from '@jupyterlab/cells';
import type { CellChange } from '@jupyter/ydoc';
import { NotebookActions } from '@jupyterlab/notebook';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';
import { OutputArea } from '@jupyterlab/outputarea';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { PanelLayout, Widget } from '@lumino/widgets';

import type { Job } from '../api/types';
import { Badge } from './badge';
import { ToolbarClearance } from './clearance';
import { badgeFacts } from './facts';
import type { Entry, LiveJob, LiveStore } from './store';

const LIVE = 'jp-Compute-mod-live';
const SENT = 'jp-Compute-mod-sent';
const COMPARE_MS = 200;
const TICK_MS = 1000;
const MAX_OUTPUTS = 50;

export interface IMounterOptions {
  readonly panel: NotebookPanel;
  readonly store: LiveStore;
  /** Where the notebook lies, as jobs name it. */
  readonly path: () => string;
  readonly trans: TranslationBundle;
  /** What people call a job's scheduler. */
  readonly clusterOf: (job: Job) => string;
  /** Its cells are others now, or say something else. */
  readonly onChange: () => void;
  readonly onOpen: (job: LiveJob) => void;
  readonly onCancel: (job: LiveJob) => void;
  readonly onShow: (entry: Entry) => void;
  /** Read the notebook from disk, where another window may have saved the result. */
  readonly onReload: (entry: Entry) => void;
  readonly onDismiss: (entry: Entry) => void;
}

/** Shows in one notebook what runs elsewhere: a badge on each cell that was sent, and its outputs in a view below it. */
export class LiveMounter implements IDisposable {
  constructor(private _options: IMounterOptions) {
    const { panel, store } = _options;
    panel.content.model?.cells.changed.connect(this._onCells, this);
    panel.context.model.stateChanged.connect(this._onState, this);
    store.changed.connect(this._onStore, this);
    NotebookActions.executionScheduled.connect(this._onRunHere, this);
    this._clearance = new ToolbarClearance(panel.content);
    this.sync();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Makes the notebook show what the store says; soon, and once however often it is asked. */
  sync(): void {
    if (!this._isScheduled) {
      this._isScheduled = true;
      queueMicrotask(() => {
        this._isScheduled = false;
        if (!this._isDisposed && !this._options.panel.isDisposed) {
          this._sync();
        }
      });
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this._comparing);
    clearInterval(this._ticking);
    this._clearance.dispose();
    Signal.clearData(this);
    this._badges.forEach((_, cell) => this._unmark(cell));
    this._views.forEach((_, cell) => this._unmount(cell));
  }

  private _sync(): void {
    const entries = this._options.store.entries(this._options.path());
    const seen = new Set<Cell>();
    for (const cell of this._options.panel.content.widgets) {
      const entry = entries.get(cell.model.id);
      if (!entry || !(cell instanceof CodeCell)) {
        continue;
      }
      seen.add(cell);
      if (cell.isPlaceholder()) {
        this._whenReady(cell);
        continue;
      }
      this._watch(cell);
      this._mark(cell, entry);
      if (entry.cell.isShown) {
        this._mount(cell, entry);
      } else {
        this._unmount(cell);
      }
    }
    [...this._badges.keys()].filter(cell => !seen.has(cell)).forEach(cell => this._unmark(cell));
    [...this._views.keys()].filter(cell => !seen.has(cell)).forEach(cell => this._unmount(cell));
    this._tickWhileNeeded();
  }

  private _whenReady(cell: CodeCell): void {
    if (!this._awaited.has(cell)) {
      this._awaited.add(cell);
      void cell.ready.then(() => this.sync());
    }
  }

  private _mount(cell: CodeCell, { cell: { live } }: Entry): void {
    const known = this._views.get(cell);
    if (known?.model === live.model && !known.isDisposed) {
      return;
    }
    this._unmount(cell);
    const wrapper = part(cell, 'jp-Cell-outputWrapper');
    if (!wrapper) {
      return;
    }
    const view = new OutputArea({
      model: live.model,
      rendermime: this._options.panel.content.rendermime,
      contentFactory: cell.contentFactory,
      maxNumberOutputs: MAX_OUTPUTS
    });
    // The first class makes "enable scrolling" and the like apply to it as to the cell's own.
    view.addClass('jp-Cell-outputArea');
    view.addClass('jp-Compute-outputs');
    (wrapper.layout as PanelLayout).addWidget(view);
    cell.addClass(LIVE);
    this._views.set(cell, view);
  }

  private _unmount(cell: Cell): void {
    const view = this._views.get(cell);
    this._views.delete(cell);
    view?.dispose();
    if (view && !cell.isDisposed) {
      cell.removeClass(LIVE);
    }
  }

  private _mark(cell: CodeCell, entry: Entry): void {
    let badge = this._badges.get(cell);
    if (!badge || badge.entry.cell !== entry.cell) {
      this._unmark(cell);
      badge = { entry, view: this._newBadge(entry), ticks: false };
      this._badges.set(cell, badge);
    }
    // Never before the wrapper's own first child: JupyterLab counts on that.
    const wrapper = part(cell, 'jp-Cell-inputWrapper')?.node;
    if (wrapper && badge.view.node.parentElement !== wrapper) {
      wrapper.append(badge.view.node);
    }
    cell.addClass(SENT);
    this._say(badge);
  }

  private _newBadge(entry: Entry): Badge {
    const { trans, onCancel, onDismiss, onOpen, onReload, onShow } = this._options;
    return new Badge(
      {
        open: () => onOpen(entry.job),
        show: () => onShow(entry),
        reload: () => onReload(entry),
        cancel: () => onCancel(entry.job),
        dismiss: () => onDismiss(entry)
      },
      trans
    );
  }

  private _say(badge: Marked): void {
    const { panel, trans, clusterOf } = this._options;
    const isDirty = panel.context.model.dirty;
    const facts = badgeFacts(badge.entry, Date.now(), trans, { clusterOf, isDirty });
    badge.ticks = facts.ticks;
    badge.view.update(facts);
  }

  private _unmark(cell: Cell): void {
    this._badges.get(cell)?.view.node.remove();
    if (this._badges.delete(cell) && !cell.isDisposed) {
      cell.removeClass(SENT);
    }
  }

  private _tickWhileNeeded(): void {
    const isNeeded = [...this._badges.values()].some(({ ticks }) => ticks);
    if (!isNeeded) {
      clearInterval(this._ticking);
      this._ticking = undefined;
    } else {
      this._ticking ??= setInterval(() => {
        this._badges.forEach(badge => badge.ticks && this._say(badge));
      }, TICK_MS);
    }
  }

  private _watch(cell: CodeCell): void {
    const shared = cell.model.sharedModel;
    if (!this._watched.has(shared)) {
      this._watched.add(shared);
      // It ends with the cell: a move or a revert makes another one.
      shared.changed.connect(this._onSource, this);
      this._compareSoon();
    }
  }

  private _onSource(_: ISharedCell, change: CellChange): void {
    if (change.sourceChange) {
      this._compareSoon();
    }
  }

  private _compareSoon(): void {
    clearTimeout(this._comparing);
    this._comparing = setTimeout(() => this._options.onChange(), COMPARE_MS);
  }

  private _onCells(): void {
    this.sync();
    if (this._badges.size > 0) {
      this._compareSoon();
    }
  }

  private _onState(_: unknown, { name }: { name: string }): void {
    if (name === 'dirty' && this._badges.size > 0) {
      this.sync();
    }
  }

  private _onStore(_: LiveStore, job: LiveJob): void {
    if (job.path === this._options.path()) {
      this.sync();
    }
  }

  /** The user runs the cell here: what it prints now is what they want to see. */
  private _onRunHere(_: unknown, { notebook, cell }: { notebook: Notebook; cell: Cell }): void {
    const { panel, store, path, onDismiss } = this._options;
    const entry = notebook === panel.content ? store.entries(path()).get(cell.model.id) : undefined;
    if (entry?.cell.fate === 'open' && !entry.job.error) {
      entry.cell.ranHere = true;
      entry.cell.isRevealed = false;
      store.touch(entry.job);
    } else if (entry) {
      onDismiss(entry);
    }
  }

  private readonly _clearance: ToolbarClearance;
  private readonly _badges = new Map<Cell, Marked>();
  private readonly _views = new Map<Cell, OutputArea>();
  private readonly _watched = new WeakSet<ISharedCell>();
  private readonly _awaited = new WeakSet<Cell>();
  private _comparing: ReturnType<typeof setTimeout> | undefined;
  private _ticking: ReturnType<typeof setInterval> | undefined;
  private _isScheduled = false;
  private _isDisposed = false;
}

type Marked = { readonly entry: Entry; readonly view: Badge; ticks: boolean };

/** A part of the cell, also while JupyterLab has it out of the page. */
function part(cell: CodeCell, className: string): Widget | undefined {
  return (cell.layout as PanelLayout | null)?.widgets.find(widget => widget.hasClass(className));
}
