import '../../style/panel.css';

import type { ITranslator } from '@jupyterlab/translation';
import { PanelWithToolbar } from '@jupyterlab/ui-components';
import type { PanelLayout } from '@lumino/widgets';
import React from 'react';

import type { IJobColumn, JobsSnapshot, ProfilesSnapshot, TargetSnapshot } from '../tokens';
import { Foot } from './Foot';
import type { IStore } from './hooks';
import { useSnapshot } from './hooks';
import type { Query } from './list/filter';
import type { IJobsEvents } from './list/Jobs';
import { Jobs } from './list/Jobs';
import type { ComputePanel } from './panel';
import type { IRunBoxEvents } from './RunBox';
import { RunBox } from './RunBox';
import { DOMAIN } from './translation';
import { ViewWidget } from './widget';

export interface IContents {
  readonly translator: ITranslator;
  readonly jobs: IStore<JobsSnapshot>;
  /** What other extensions say of each job. */
  readonly columns: IStore<readonly IJobColumn[]>;
  readonly profiles: IStore<ProfilesSnapshot>;
  readonly target: IStore<TargetSnapshot>;
  readonly start: IStore<string | null>;
  /** What the reader wanted to see of the jobs last time. */
  readonly query: Query;
  readonly events: IJobsEvents & IRunBoxEvents;
  /** Puts what settings say into the toolbar of the list. */
  equip(section: PanelWithToolbar): void;
}

/** Where to run above, the jobs below, the schedulers at the foot. */
export function fill(panel: ComputePanel, contents: IContents): void {
  const { translator, jobs, columns, profiles, target, start, query, events, equip } = contents;
  const trans = translator.load(DOMAIN);
  const Top = () => (
    <RunBox
      profiles={useSnapshot(profiles)}
      target={useSnapshot(target)}
      start={useSnapshot(start)}
      events={events}
    />
  );
  const List = () => (
    <Jobs
      snapshot={useSnapshot(jobs)}
      columns={useSnapshot(columns)}
      notebook={useSnapshot(target).path}
      query={query}
      events={events}
    />
  );
  const Bottom = () => <Foot clusters={useSnapshot(jobs).clusters} />;

  panel.header.addWidget(new ViewWidget(trans, Top, 'jp-Compute-top'));
  const section = new PanelWithToolbar();
  section.addClass('jp-Compute-section');
  section.title.label = trans.__('Jobs');
  equip(section);
  section.addWidget(new ViewWidget(trans, List, 'jp-Compute-jobs'));
  panel.addWidget(section);
  (panel.layout as PanelLayout).addWidget(new ViewWidget(trans, Bottom, 'jp-Compute-bottom'));
}
