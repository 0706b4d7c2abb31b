import type { ITranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { MessageLoop } from '@lumino/messaging';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { computeIcon } from './icons';
import { DOMAIN } from './translation';

export interface IPanelOptions {
  readonly translator: ITranslator;
  /** Puts into the panel what it shows. Called when it is first seen, and again then if that failed. */
  fill(panel: ComputePanel): Promise<void>;
}

/** The sidebar. It must be there for the layout to be restored; what it shows is loaded when somebody looks. */
export class ComputePanel extends SidePanel {
  constructor({ translator, fill }: IPanelOptions) {
    super({ translator });
    const trans = translator.load(DOMAIN);
    this._fill = fill;
    this.id = 'jupyterlab-compute-panel';
    this.title.icon = computeIcon;
    this.title.caption = trans.__('Compute: run elsewhere and watch');
    this.node.tabIndex = -1;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Compute'));
    this.addClass('jp-Compute-panel');
    this._visibilityChanged.connect(this._onVisibilityChanged, this);
  }

  /** It came into view, or left it. */
  get visibilityChanged(): ISignal<this, boolean> {
    return this._visibilityChanged;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._resized.disconnect();
      super.dispose();
      Signal.clearData(this);
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._resized.observe(this.content.node);
    this._visibilityChanged.emit(this.isVisible);
  }

  protected override onBeforeDetach(msg: Message): void {
    super.onBeforeDetach(msg);
    this._resized.disconnect();
    this._visibilityChanged.emit(false);
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._visibilityChanged.emit(this.isVisible);
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this._visibilityChanged.emit(false);
  }

  /**
   * Take the focus, for somebody who asked to be shown the panel: at the job they were at, else where one chooses a profile.
   *
   * Being activated is no such wish: JupyterLab does that as well when it puts a page back as it was.
   */
  enter(): void {
    // The palette, when it was asked there, gives the focus back to the main area after this.
    requestAnimationFrame(() => {
      if (this.isVisible && !this.node.contains(document.activeElement)) {
        const row = this.node.querySelector<HTMLElement>('[role="row"][tabindex="0"]');
        const picker = this.node.querySelector<HTMLElement>('.jp-Compute-pickerButton');
        (row ?? picker ?? this.node).focus();
      }
    });
  }

  private _onVisibilityChanged(_: this, isVisible: boolean): void {
    if (isVisible) {
      this._filled ??= this._fill(this).catch(() => {
        // Who fills it has said so.
        this._filled = undefined;
      });
    }
  }

  private _filled: Promise<void> | undefined;
  private readonly _fill: (panel: ComputePanel) => Promise<void>;
  /** What stands above and at the foot grows and shrinks; the accordion, which lays out by hand, is to follow. */
  private readonly _resized = new ResizeObserver(() => {
    MessageLoop.sendMessage(this.content, Widget.ResizeMessage.UnknownSize);
  });
  private readonly _visibilityChanged = new Signal<this, boolean>(this);
}
