import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useLayoutEffect } from 'react';

import '../../../style/job.css';
import '../../../style/panel.css';
import '../../../style/schedules.css';

import type { ComputeError } from '../../api/errors';
import type { Schedule } from '../../api/types';
import type { JobsSnapshot, ProfilesSnapshot } from '../../tokens';
import type { IStore } from '../hooks';
import { useSnapshot } from '../hooks';
import { scheduleIcon } from '../icons';
import { ViewWidget } from '../widget';
import type { ISchedulesEvents } from './Schedules';
import { Schedules } from './Schedules';

export interface ISchedulesPageOptions {
  readonly schedules: IStore<
    Readonly<{ schedules: readonly Schedule[]; loaded: boolean; error: ComputeError | null }>
  >;
  readonly jobs: IStore<JobsSnapshot>;
  readonly profiles: IStore<ProfilesSnapshot>;
  readonly trans: TranslationBundle;
  readonly events: ISchedulesEvents;
}

/** The recurring runs in the main area. */
export class SchedulesPage extends ViewWidget {
  constructor({ schedules, jobs, profiles, trans, events }: ISchedulesPageOptions) {
    const Page = () => {
      const { profiles: known } = useSnapshot(profiles);
      useLayoutEffect(() => this._seek());
      return (
        <>
          <h2>{trans.__('Schedules')}</h2>
          <Schedules
            snapshot={useSnapshot(schedules)}
            clusters={useSnapshot(jobs).clusters}
            events={events}
            titleOf={name => known.find(each => each.name === name)?.title ?? name}
          />
        </>
      );
    };
    super(trans, Page, 'jp-Compute-schedulesPage');
    this.title.label = trans.__('Schedules');
    this.title.icon = scheduleIcon;
    this.node.tabIndex = -1;
  }

  /** Bring one of them into view, as soon as it is there. */
  reveal(id: string): void {
    this._wanted = id;
    this._seek();
  }

  private _seek(): void {
    const rows = this.node.querySelectorAll<HTMLElement>('.jp-Compute-schedule');
    const row = [...rows].find(({ dataset }) => dataset.id === this._wanted);
    if (row) {
      this._wanted = null;
      row.scrollIntoView({ block: 'nearest' });
      row.focus({ preventScroll: true });
    }
  }

  private _wanted: string | null = null;
}
