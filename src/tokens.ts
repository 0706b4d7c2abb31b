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

/** A fact about each job that another extension adds: it stands in the job's row and on the job's page. */
export interface IJobColumn {
  /** Begins with the name of the package that adds it: `compute-cost:core-hours`. Kept with the list's order. */
  readonly id: string;
  /** What people read beside the value and in the list's order; translated. */
  readonly label: string;
  /**
   * The value, as short as a row of 300 px allows, with its unit; null: there is none for this job.
   *
   * @param job - as the server told it last.
   * @param now - milliseconds since 1970.
   *
   * Called for each row in view whenever it is drawn, and every second while the job is active: it computes, and asks
   * nobody. An error costs this value only: a dash stands in its place, which says what was thrown when it is pointed at. If the value depends on more than
   * the two, dispose of the column and add it again when that has changed.
   */
  text(job: Job, now: number): string | null;
  /** More about the value, shown when it is pointed at. */
  caption?(job: Job, now: number): string;
  /**
   * What to order the list by; without it, the list cannot be ordered by this column. Numbers come largest first, texts
   * by the reader's alphabet, and jobs with null last.
   */
  key?(job: Job, now: number): number | string | null;
}

/** The columns that extensions have added to the list, in the order in which they came. */
export interface IJobColumns {
  readonly snapshot: readonly IJobColumn[];
  /** The snapshot was replaced. */
  readonly changed: ISignal<IJobColumns, void>;
  /**
   * Add a column until it is disposed.
   *
   * @throws Error if there is one with this id.
   */
  add(column: IJobColumn): IDisposable;
}

/**
 * The jobs known to this server, kept current while somebody uses them.
 *
 * What returns a promise rejects with a `ComputeError`, unless it says that it never rejects: `status` is that of the
 * server's answer (undefined when there was none) and `message` a sentence for people. 404 is a job that there is not, 409 one
 * that is in no state for this.
 */
export interface IJobs {
  /** What is known now. Frozen; while nothing has changed, it is the same object. */
  readonly snapshot: JobsSnapshot;
  /** The snapshot was replaced. */
  readonly changed: ISignal<IJobs, void>;
  /** This page is sending a job; the server has not answered yet. */
  readonly sending: ISignal<IJobs, Sending>;
  /** This page sent a job. */
  readonly submitted: ISignal<IJobs, Job>;
  /** A job that was seen active has ended. At most once for each job. */
  readonly ended: ISignal<IJobs, Job>;
  /** What other extensions say of each job. */
  readonly columns: IJobColumns;

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

  /**
   * Run this. It resolves with a job that the server has taken down for good; the scheduler may still refuse it, which
   * the job's state says. Sent again with the same `key`, it is the same job. Rejects with 422 and `pointer`, the field
   * that is wrong, when it cannot be run.
   */
  submit(request: NewJob): Promise<Job>;
  /** What the request would send. Nothing is started. */
  preview(request: NewJob): Promise<Preview>;
  /** Pass the wish on; the job's state will say when it has ended. */
  cancel(id: string): Promise<Job>;
  /** Keep a waiting job from starting. */
  hold(id: string): Promise<Job>;
  /** Let a held job start. */
  release(id: string): Promise<Job>;
  /** Run exactly the same again, as a new job. */
  retry(id: string, request?: RetryRequest): Promise<Job>;
  /** One wish for many jobs; each that cannot be done is named with why. */
  bulk(action: BulkAction, ids: readonly string[]): Promise<BulkResult>;
  /** Forget a job that is no longer active; what it left in its run folder stays or goes. */
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
  /**
   * One page's claim that it commits the outputs to the notebook. Rejects with status 409 when another page was first.
   *
   * @internal What shows outputs below cells needs it; it may change.
   */
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

/** At least, usually and at most; a number alone is fixed. */
export type ResourceRange = number | Readonly<{ default?: number; min?: number; max?: number }>;

/** A profile as the settings hold it. The page about configuration says what each means. */
export type ProfileSettings = Readonly<{
  title?: string;
  description?: string;
  scheduler: Readonly<{ type: string; cluster?: string }>;
  /** `cores` are per task, `memory_mb` is MiB per node, `walltime_s` seconds. */
  resources?: Readonly<
    Partial<
      Record<'nodes' | 'tasks' | 'cores' | 'memory_mb' | 'gpus' | 'walltime_s', ResourceRange>
    >
  >;
  gpu_types?: readonly string[];
  queue?: string;
  account?: string;
  /** Names of the scheduler's own options that a job may set, and the pattern of their values. */
  native?: Readonly<Record<string, string>>;
  environment?: Readonly<{
    kernel?: string;
    modules?: readonly string[];
    /** Shell lines that run before the kernel starts. */
    setup?: readonly string[];
    variables?: Readonly<Record<string, string>>;
  }>;
  run_root?: string;
  runner_python?: string;
  use_comment?: boolean;
  requeue?: boolean;
  show_names?: boolean;
  /** How many of one person's jobs may run at once. */
  at_most?: number;
  default?: boolean;
}>;

/** The named places to run, and the one that was chosen. */
export interface IProfiles {
  /** What is known now. Frozen; while nothing has changed, it is the same object. */
  readonly snapshot: ProfilesSnapshot;
  /** The snapshot was replaced. */
  readonly changed: ISignal<IProfiles, void>;
  /** Load the profiles unless that has been done. Never rejects. */
  load(): Promise<void>;
  /** Load them anew; the schedulers are asked again. Never rejects. */
  refresh(): Promise<void>;
  /** The profile if it is in the snapshot. */
  find(name: string): Profile | undefined;
  /** Run the next jobs there. Remembered for this user. */
  choose(name: string): Promise<void>;
  /**
   * Offer a profile from code. It is written to the user's settings, because runs on a schedule go on without a page;
   * there it stays until it is removed, and adding the same again writes nothing. A profile of that name that the site
   * or the user wrote wins, and where the site has locked its profiles (`locked`) it does not count. What is wrong with it
   * stands in `problems`; a profile that counts has `origin` `extension`.
   *
   * @param name - letters, digits, `.`, `_` and `-`; begins with the name of your package.
   * @param source - where it comes from, for people: the name of your package or of its site.
   *
   * Rejects when the settings cannot be read or written.
   */
  add(name: string, settings: ProfileSettings, source: string): Promise<void>;
  /** Take back what was added by that name; nothing of the user's or the site's. Rejects like `add`. */
  remove(name: string): Promise<void>;
}

export const IProfiles = new Token<IProfiles>(
  'jupyterlab-compute:IProfiles',
  'The named places to run and what each gives; knows which one was chosen last.'
);
