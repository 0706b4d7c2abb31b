import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Job, UsageOverTime } from '../../api/types';
import { useTrans } from '../translation';
import { ViewWidget } from '../widget';
import { Plot } from './Plot';
import { Section } from './section';
import { advice, seriesOf } from './usage';

/** The runner takes a sample every few seconds. */
const CALM_MS = 5000;

export interface IResourcesOptions {
  readonly trans: TranslationBundle;
  read(): Promise<UsageOverTime>;
  /** The job as it is now. */
  job(): Job;
}

/** What the job uses beside what it asked for, and what to ask for next time. */
export class ResourcesSection extends Section {
  constructor(private readonly _options: IResourcesOptions) {
    const { trans } = _options;
    super(trans.__('Resources'));
    const View = () => <ResourcesView job={_options.job()} over={this._over} />;
    this._view = new ViewWidget(trans, View, 'jp-Compute-resources');
    this.addWidget(this._view);
  }

  override get paceMs(): number {
    return CALM_MS;
  }

  protected async readOnce(): Promise<boolean> {
    this._over = await this._options.read();
    this._view.update();
    return this._over.ended;
  }

  private readonly _view: ViewWidget;
  private _over: UsageOverTime | null = null;
}

export function ResourcesView({ job, over }: { job: Job; over: UsageOverTime | null }) {
  const trans = useTrans();
  const series = over ? seriesOf(over, job.started_at, trans) : [];
  const sentences = advice(job, over, trans);
  return (
    <>
      {sentences.map(sentence => (
        <p key={sentence} className="jp-Compute-advice">
          {sentence}
        </p>
      ))}
      {series.map(each => (
        <Plot key={each.key} series={each} />
      ))}
      {over && series.length === 0 && (
        <p className="jp-Compute-none">
          {job.started_at === null
            ? trans.__('It has not started yet.')
            : trans.__('How it went over time is not known.')}
        </p>
      )}
    </>
  );
}
