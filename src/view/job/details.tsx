import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Poll } from '@lumino/polling';
import { Panel } from '@lumino/widgets';
import React from 'react';

// Loaded with what it is for, as every view's looks that are not on the screen from the start.
import '../../../style/job.css';
import '../../../style/panel.css';

import { toComputeError } from '../../api/errors';
import type {
  Cluster,
  FileList,
  Job,
  LogChunk,
  LogStream,
  Outputs,
  Profile,
  UsageOverTime
} from '../../api/types';
import type { IJobColumn, JobsSnapshot, ProfilesSnapshot } from '../../tokens';
import type { IStore } from '../hooks';
import { stateIcons } from '../icons';
import { ViewWidget } from '../widget';
import { clusterTitle, toneOf } from '../words';
import type { Attempt } from './attempts';
import { earlierAttempts } from './attempts';
import { ComparisonSection } from './comparison';
import { FilesSection } from './files';
import type { IJobPageEvents, Relative } from './JobHeader';
import { Facts, JobHeader } from './JobHeader';
import { LogSection } from './log';
import { OutputsSection } from './outputs';
import { ResourcesSection } from './resources';
import type { Section } from './section';
import { readSources } from './sources';
import { Tabs } from './Tabs';
import { RecordSection, ScriptSection } from './texts';
import { Timeline } from './Timeline';

const REST_MS = 60_000;

/** What can be read about a job. */
export interface IJobReader {
  /** What other extensions say of each job. */
  readonly columns: IStore<readonly IJobColumn[]>;
  outputs(id: string, from: number, attempt?: number): Promise<Outputs>;
  log(id: string, stream: LogStream, offset: number, limit: number): Promise<LogChunk>;
  usage(id: string): Promise<UsageOverTime>;
  files(id: string): Promise<FileList>;
  get(id: string): Promise<Job>;
  ofNotebook(path: string): Promise<readonly Job[]>;
  content(id: string, path: string): Promise<Blob>;
  file(id: string, path: string): Promise<string>;
  fileUrl(id: string, path: string): string;
}

export interface IJobDetailsOptions {
  readonly job: Job;
  readonly jobs: IStore<JobsSnapshot> & IJobReader;
  readonly profiles: IStore<ProfilesSnapshot>;
  readonly rendermime: IRenderMimeRegistry;
  readonly trans: TranslationBundle;
  readonly events: IJobPageEvents;
}

/** A job in the main area: what became of it, and everything that it left. */
export class JobDetails extends Panel {
  constructor({ job, jobs, profiles, rendermime, trans, events }: IJobDetailsOptions) {
    super();
    this.addClass('jp-Compute');
    this.addClass('jp-Compute-details');
    this._jobs = jobs;
    this._profiles = profiles;
    this._job = job;
    this._clusters = jobs.snapshot.clusters;
    this._trans = trans;
    const { id } = job;
    this._sections = [
      new OutputsSection({
        trans,
        rendermime,
        read: (from, attempt) => jobs.outputs(id, from, attempt),
        readSources: () => readSources(jobs, id)
      }),
      new LogSection({
        trans,
        rendermime,
        read: (stream, at, limit) => jobs.log(id, stream, at, limit),
        urlOf: stream => {
          const path = logPath(stream, this._job.attempt);
          return path && jobs.fileUrl(id, path);
        }
      }),
      new ResourcesSection({ trans, read: () => jobs.usage(id), job: () => this._job }),
      new FilesSection({
        trans,
        read: () => jobs.files(id),
        open: path => jobs.content(id, path),
        urlOf: path => jobs.fileUrl(id, path)
      }),
      new ScriptSection({
        trans,
        read: () => jobs.file(id, 'job.sh'),
        attempt: () => this._job.attempt
      }),
      new ComparisonSection({
        trans,
        job: () => this._job,
        runs: () => jobs.ofNotebook(job.source.path),
        outputs: (other, from, attempt) => jobs.outputs(other, from, attempt),
        sources: other => readSources(jobs, other)
      }),
      new RecordSection({ trans, read: () => jobs.get(id) })
    ];
    this._current = this._sections[0];
    const tabs = this._sections.map(({ title: { label }, id }) => ({
      id: label,
      label,
      panel: id
    }));
    const Head = () => {
      const cluster = clusterTitle(this._job, jobs.snapshot.clusters);
      return (
        <>
          <JobHeader
            job={this._job}
            cluster={cluster}
            profile={profileOf(this._job, profiles.snapshot)}
            relatives={relativesOf(this._job, jobs.snapshot.jobs, trans)}
            events={events}
            onShowError={() => this._showError()}
          />
          <Timeline job={this._job} cluster={cluster} earlier={this._earlier}>
            <Facts job={this._job} columns={jobs.columns} />
          </Timeline>
        </>
      );
    };
    const Bar = () => (
      <Tabs
        tabs={tabs}
        current={this._current.title.label}
        onChoose={label => this._choose(label)}
      />
    );
    this._head = new ViewWidget(trans, Head, 'jp-Compute-detailsHead');
    this._bar = new ViewWidget(trans, Bar, 'jp-Compute-detailsTabs');
    this.addWidget(this._head);
    this.addWidget(this._bar);
    for (const section of this._sections) {
      section.setHidden(section !== this._current);
      this.addWidget(section);
    }
    this._poll = new Poll({
      auto: false,
      frequency: { interval: this._current.paceMs, backoff: true, max: REST_MS },
      standby: () => document.hidden || !this.isVisible,
      factory: () => this._read()
    });
    jobs.changed.connect(this._onJobs, this);
    profiles.changed.connect(this._onProfiles, this);
    this._show();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._jobs.changed.disconnect(this._onJobs, this);
      this._profiles.changed.disconnect(this._onProfiles, this);
      this._poll.dispose();
      super.dispose();
    }
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    void this._poll.refresh();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    void this._poll.refresh();
  }

  private _onJobs(): void {
    const { id } = this._job;
    const { jobs, clusters, error } = this._jobs.snapshot;
    const job = jobs.find(other => other.id === id);
    const isBack = this._wasAway && !error;
    this._wasAway = Boolean(error);
    if (clusters !== this._clusters) {
      this._clusters = clusters;
      this._head.update();
    }
    if (job && job !== this._job) {
      const isOther = job.state !== this._job.state || job.attempt !== this._job.attempt;
      this._job = job;
      this._show();
      // Of what is read calmly anyway only another state is news.
      if (isOther || !this._current.isCalm) {
        void this._poll.refresh();
      }
    } else if (isBack) {
      // What could not be read may be readable now.
      void this._poll.refresh();
    }
  }

  private _onProfiles(): void {
    this._head.update();
  }

  /** The cell that failed is the last one that has outputs. */
  private _showError(): void {
    const [outputs] = this._sections;
    this._choose(outputs.title.label);
    void outputs.read().then(() => outputs.node.scrollTo({ top: outputs.node.scrollHeight }));
  }

  private async _readEarlier(): Promise<void> {
    const { id, attempt } = this._job;
    if (attempt !== null && attempt !== this._attempt) {
      this._attempt = attempt;
      this._earlier = await earlierAttempts({ attempt }, path => this._jobs.file(id, path));
      this._head.update();
    }
  }

  private _show(): void {
    void this._readEarlier();
    this.title.label = this._job.name;
    this.title.icon = stateIcons[this._job.state];
    this.title.className = `jp-Compute-tab-${toneOf(this._job)}`;
    this._head.update();
  }

  private _choose(label: string): void {
    this._current = this._sections.find(({ title }) => title.label === label) ?? this._current;
    this._sections.forEach(section => section.setHidden(section !== this._current));
    this._bar.update();
    this._poll.frequency = { ...this._poll.frequency, interval: this._current.paceMs };
    void this._poll.refresh();
  }

  private async _read(): Promise<void> {
    const { _job: job, _current: section } = this;
    try {
      const isComplete = await section.read();
      // Another tab may have been chosen meanwhile, and still has to be read.
      const isAll = isComplete && section.rests(job) && section === this._current;
      if (isAll && !this._poll.isDisposed) {
        void this._poll.stop();
      }
    } catch (error) {
      section.node.dataset.problem = this._trans.__(
        'This cannot be read now: %1',
        toComputeError(error).message
      );
      throw error;
    }
    delete section.node.dataset.problem;
  }

  private readonly _jobs: IStore<JobsSnapshot> & IJobReader;
  private readonly _trans: TranslationBundle;
  private readonly _sections: readonly Section[];
  private readonly _head: ViewWidget;
  private readonly _bar: ViewWidget;
  private readonly _poll: Poll;
  private readonly _profiles: IStore<ProfilesSnapshot>;
  private _attempt: number | null = null;
  private _earlier: readonly Attempt[] = [];
  private _job: Job;
  private _wasAway = false;
  private _clusters: readonly Cluster[];
  private _current: Section;
}

function profileOf(
  { profile }: Job,
  { profiles, loaded }: ProfilesSnapshot
): Profile | undefined | null {
  return loaded ? profiles.find(({ name }) => name === profile) : null;
}

/** Where in the run folder it lies; null: no attempt has begun. */
function logPath(stream: LogStream, attempt: number | null): string | null {
  if (stream === 'scheduler') {
    return 'scheduler.log';
  }
  return attempt === null ? null : `attempts/${attempt}/${stream}.log`;
}

/** The job that it repeats, and those that repeat it. */
function relativesOf(
  { id, retry_of, retried_as }: Job,
  jobs: readonly Job[],
  trans: TranslationBundle
): Relative[] {
  const repeats = jobs.filter(job => job.retry_of === id).map(job => job.id);
  const later = new Set([...(retried_as ? [retried_as] : []), ...repeats]);
  const earlier = retry_of === null ? [] : [{ id: retry_of, label: trans.__('repeats this job') }];
  return [...earlier, ...[...later].map(id => ({ id, label: trans.__('repeated by this job') }))];
}
