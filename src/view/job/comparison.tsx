import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { isFinal } from '../../api/states';
import type { Job, Outputs } from '../../api/types';
import { ViewWidget } from '../widget';
import type { RunText } from './compare';
import { readRun } from './compare';
import type { DiffLines } from './CompareView';
import { CompareView } from './CompareView';
import { Section } from './section';

/** The other runs are asked for as often; both outputs are read when one of them has changed. */
const CALM_MS = 5000;

export interface IComparisonOptions {
  readonly trans: TranslationBundle;
  /** The job as it is now. */
  job(): Job;
  /** All jobs of the notebook, newest first. */
  runs(): Promise<readonly Job[]>;
  outputs(id: string, from: number, attempt?: number): Promise<Outputs>;
  sources(id: string): Promise<ReadonlyMap<string, string>>;
}

/** This run of a notebook beside another one. */
export class ComparisonSection extends Section {
  constructor(private readonly _options: IComparisonOptions) {
    const { trans } = _options;
    super(trans.__('Compare'));
    const View = () => (
      <CompareView
        job={_options.job()}
        others={this._others}
        other={this._other}
        texts={this._texts}
        diff={this._diff}
        onChoose={id => this._choose(id)}
      />
    );
    this._view = new ViewWidget(trans, View, 'jp-Compute-compare');
    this.addWidget(this._view);
  }

  override get paceMs(): number {
    return CALM_MS;
  }

  protected async readOnce(): Promise<boolean> {
    const { job, runs } = this._options;
    const here = job();
    const [all, { diffLines }] = await Promise.all([runs(), import('diff')]);
    this._diff = diffLines;
    this._others = all.filter(({ id }) => id !== here.id);
    const earlier = ({ created_at }: Job) => created_at < here.created_at;
    const chosen = this._others.find(({ id }) => id === this._chosen);
    const other = chosen ?? this._others.find(earlier) ?? this._others[0] ?? null;
    const isOther = other?.id !== this._other?.id;
    const wasOver = this._isOver;
    this._isOver = isFinal(here.state) && (other === null || isFinal(other.state));
    this._other = other;
    if (isOther) {
      this._texts = null;
      this._view.update();
    }
    if (other && (isOther || !wasOver)) {
      const texts = { here: await this._read(here.id), there: await this._read(other.id) };
      if (this._other.id === other.id) {
        this._texts = texts;
      }
    }
    this._view.update();
    return this._isOver;
  }

  private async _read(id: string): Promise<RunText> {
    const { outputs, sources } = this._options;
    return readRun((from, attempt) => outputs(id, from, attempt), await sources(id));
  }

  private _choose(id: string): void {
    this._chosen = id;
    // What is being read belongs to the earlier choice.
    void this.read()
      .then(() => this.read())
      .catch(() => undefined);
  }

  private readonly _view: ViewWidget;
  private _others: readonly Job[] = [];
  private _other: Job | null = null;
  private _chosen: string | null = null;
  private _isOver = false;
  private _texts: Readonly<{ here: RunText; there: RunText }> | null = null;
  private _diff: DiffLines | null = null;
}
