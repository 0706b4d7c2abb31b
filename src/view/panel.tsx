import type { ITranslator } from '@jupyterlab/translation';
import { PanelWithToolbar, refreshIcon, SidePanel } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { MessageLoop } from '@lumino/messaging';
import type { PanelLayout } from '@lumino/widgets';
import { Widget } from '@lumino/widgets';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import React from 'react';

import type { JobsSnapshot, ProfilesSnapshot, TargetSnapshot } from '../tokens';
import { Foot } from './Foot';
import type { IStore } from './hooks';
import { useSnapshot } from './hooks';
import { IconButton } from './IconButton';
import { computeIcon } from './icons';
import type { IJobsEvents } from './Jobs';
import { Jobs } from './Jobs';
import type { IRunBoxEvents } from './RunBox';
import { RunBox } from './RunBox';
import { DOMAIN } from './translation';
import { ViewWidget } from './widget';

export interface IPanelOptions {
  readonly translator: ITranslator;
  readonly jobs: IStore<JobsSnapshot>;
  readonly profiles: IStore<ProfilesSnapshot>;
  readonly target: IStore<TargetSnapshot>;
  readonly start: IStore<string | null>;
  readonly events: IJobsEvents & IRunBoxEvents;
}

/** The sidebar: where to run above, the jobs below, the schedulers at the foot. */
export class ComputePanel extends SidePanel {
  constructor(options: IPanelOptions) {
    super({ translator: options.translator });
    const { translator, jobs, profiles, target, start, events } = options;
    const trans = translator.load(DOMAIN);
    this.id = 'jupyterlab-compute-panel';
    this.title.icon = computeIcon;
    this.title.caption = trans.__('Compute: run elsewhere and watch');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Compute'));
    this.addClass('jp-Compute-panel');

    const Top = () => (
      <RunBox
        profiles={useSnapshot(profiles)}
        target={useSnapshot(target)}
        start={useSnapshot(start)}
        events={events}
      />
    );
    const List = () => <Jobs snapshot={useSnapshot(jobs)} events={events} />;
    const Bottom = () => <Foot clusters={useSnapshot(jobs).clusters} />;

    this.header.addWidget(new ViewWidget(trans, Top, 'jp-Compute-top'));
    const section = new PanelWithToolbar();
    section.addClass('jp-Compute-section');
    section.title.label = trans.__('Jobs');
    const Refresh = () => (
      <IconButton icon={refreshIcon} label={trans.__('Refresh')} onClick={events.onRefresh} />
    );
    section.toolbar.addItem('refresh', new ViewWidget(trans, Refresh, 'jp-Compute-refresh'));
    section.addWidget(new ViewWidget(trans, List, 'jp-Compute-jobs'));
    this.addWidget(section);
    (this.layout as PanelLayout).addWidget(new ViewWidget(trans, Bottom, 'jp-Compute-bottom'));
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

  /** What stands above and at the foot grows and shrinks; the accordion, which lays out by hand, is to follow. */
  private readonly _resized = new ResizeObserver(() => {
    MessageLoop.sendMessage(this.content, Widget.ResizeMessage.UnknownSize);
  });
  private readonly _visibilityChanged = new Signal<this, boolean>(this);
}
