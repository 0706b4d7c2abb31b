import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { ComputeError } from './api/errors';
import type {
  BulkAction,
  BulkResult,
  Cluster,
  FileList,
  FilesFate,
  Job,
  LogChunk,
  LogStream,
  NewJob,
  Outputs,
  Preview,
  Profile,
  RetryRequest,
  UsageOverTime
} from './api/types';

/** Whether what is on the screen is what the server said last. It stays on the screen while we ask, and when asking fails. */
export type Sync = 'idle' | 'loading' | 'stale';

/** The jobs as of one moment. Frozen: the next moment is another object. */
export type JobsSnapshot = Readonly<{
  /** Newest first. Not all of them: see `more`. */
  jobs: readonly Job[];
  /** How many jobs are in each state, of all that the server knows. */
  counts: Readonly<Record<string, number>>;
  /** The schedulers with jobs or profiles, and when each last answered. */
  clusters: readonly Cluster[];
  /** Whether the server has older jobs that are not here yet. */
  hasMore: boolean;
  /** Whether a list ever came. */
  loaded: boolean;
  sync: Sync;
  error: ComputeError | null;
}>;

/** Which jobs, and in which order, as the contract's `GET /jobs` has it. */
export type JobsFilter = Readonly<{
  state?: string;
  profile?: string;
  path?: string;
  q?: string;
  created_after?: string;
  created_before?: string;
  sort?: string;
}>;

/** `cursor`: where the next page begins; null: there is none. */
export type JobsPage = Readonly<{ jobs: readonly Job[]; cursor: string | null }>;

/** A job on its way: what was asked for, and the answer to come. */
export type Sending = Readonly<{ request: NewJob & { key: string }; answer: Promise<Job> }>;

/** The jobs known to this server, kept current while somebody uses them. */
export interface IJobs {
  readonly snapshot: JobsSnapshot;
  /** The snapshot was replaced. */
  readonly changed: ISignal<IJobs, void>;
  /** This page is sending a job; the server has not answered yet. */
  readonly sending: ISignal<IJobs, Sending>;
  /** This page sent a job. */
  readonly submitted: ISignal<IJobs, Job>;
  /** A job that was seen active has ended. At most once for each job. */
  readonly ended: ISignal<IJobs, Job>;

  /** Keep the list current until disposed. Without users nothing is asked, except while a job is known to be active. */
  use(): IDisposable;
  /**
   * Hear of jobs until disposed, whoever sent them: the list is current while a job is active, and nothing is asked otherwise,
   * but for one small question when the page is opened or looked at again.
   */
  listen(): IDisposable;
  /** Ask what is new, now. Never rejects: what went wrong stands in the snapshot. */
  refresh(): Promise<void>;
  /** Load the next page of older jobs. Never rejects. */
  more(): Promise<void>;
  /** A page of the jobs that the filter asks for, from the server, from where `cursor` says. They are in the snapshot afterwards. */
  search(filter: JobsFilter, cursor: string | null): Promise<JobsPage>;
  /** The job if it is in the snapshot. */
  find(id: string): Job | undefined;
  /** The job, from the server. */
  get(id: string): Promise<Job>;
  /** Jobs of one notebook, newest first, from the server. They are in the snapshot afterwards. */
  ofNotebook(path: string): Promise<readonly Job[]>;

  /** Run this. It resolves with a job that the server has taken down for good. */
  submit(request: NewJob): Promise<Job>;
  /** What the request would send. Nothing is started. */
  preview(request: NewJob): Promise<Preview>;
  /** Pass the wish on; the job's state will say when it has ended. */
  cancel(id: string): Promise<Job>;
  hold(id: string): Promise<Job>;
  release(id: string): Promise<Job>;
  /** Run exactly the same again, as a new job. */
  retry(id: string, request?: RetryRequest): Promise<Job>;
  /** One wish for many jobs; each that cannot be done is named with why. */
  bulk(action: BulkAction, ids: readonly string[]): Promise<BulkResult>;
  /** Forget a job that is no longer active. */
  forget(id: string, files: FilesFate): Promise<void>;

  /** Outputs and progress per cell from event number `from` on. */
  outputs(id: string, from: number, attempt?: number): Promise<Outputs>;
  /** At most `limit` bytes of a log from `offset` on; a negative offset counts from the end. */
  log(id: string, stream: LogStream, offset: number, limit?: number): Promise<LogChunk>;
  /** What the job has used over time, beside what was asked for. */
  usage(id: string): Promise<UsageOverTime>;
  /** What lies in the run folder. */
  files(id: string): Promise<FileList>;
  /** One file of the run folder, byte by byte. */
  content(id: string, path: string): Promise<Blob>;
  /** One file of the run folder, as text. */
  file(id: string, path: string): Promise<string>;
  /** Where the browser finds one file of the run folder. */
  fileUrl(id: string, path: string): string;
  /** One page's claim that it commits the outputs to the notebook. Rejects with status 409 when another page was first. */
  claimApplied(id: string, page: string, done: boolean): Promise<Job>;
}

export const IJobs = new Token<IJobs>(
  'jupyterlab-compute:IJobs',
  'The jobs known to this server: lists, watches, sends and ends them.'
);

/** The profiles as of one moment. */
export type ProfilesSnapshot = Readonly<{
  profiles: readonly Profile[];
  /** Where the next job runs, unless one says otherwise. */
  current: Profile | null;
  /** What is wrong with the settings, in sentences. */
  problems: readonly string[];
  /** Whether only the site's profiles count. */
  locked: boolean;
  loaded: boolean;
  sync: Sync;
  error: ComputeError | null;
}>;

/** What “run” would mean now. */
export type TargetSnapshot = Readonly<{
  /** The notebook's name; null when none is open. */
  name: string | null;
  path: string | null;
  /** How many code cells are selected. */
  cells: number;
}>;

/** The named places to run, and the one that was chosen. */
export interface IProfiles {
  readonly snapshot: ProfilesSnapshot;
  /** The snapshot was replaced. */
  readonly changed: ISignal<IProfiles, void>;
  /** Load the profiles unless that has been done. Never rejects. */
  load(): Promise<void>;
  /** Load them anew; the schedulers are asked again. Never rejects. */
  refresh(): Promise<void>;
  find(name: string): Profile | undefined;
  /** Run the next jobs there. Remembered for this user. */
  choose(name: string): Promise<void>;
}

export const IProfiles = new Token<IProfiles>(
  'jupyterlab-compute:IProfiles',
  'The named places to run and what each gives; knows which one was chosen last.'
);
