import type { Cluster, Job, JobList, Profile, ProfileList, Schedule } from '../api/types';

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** A job id of the contract's form, the same for the same word. */
export function anId(word: string): string {
  const letters = [...word.toLowerCase()].filter(letter => ID_LETTERS.includes(letter)).join('');
  return letters.slice(0, 16).padEnd(16, 'a');
}

export function aJob(change: Partial<Job> = {}): Job {
  return {
    id: anId('job'),
    revision: 1,
    name: 'analysis.ipynb',
    source: { kind: 'notebook', path: 'analysis.ipynb', cells: [] },
    profile: 'local',
    profile_title: 'This machine',
    cluster: 'local',
    scheduler: 'local',
    resources: { cores: 2, memory_mb: 4096, walltime_s: 1800 },
    queue: null,
    account: null,
    kernel: 'python3',
    before: 'nothing',
    parameters: {},
    retries: null,
    retried_as: null,
    at_most: null,
    give_up_at: null,
    formats: [],
    exports: null,
    state: 'queued',
    reason: null,
    native_id: '1',
    node: null,
    attempt: 1,
    script_sha256: '0'.repeat(64),
    created_at: '2026-03-01T09:00:00Z',
    queued_at: '2026-03-01T09:00:01Z',
    estimated_start: null,
    started_at: null,
    ended_at: null,
    exit: null,
    progress: null,
    stale_since: null,
    usage: null,
    changed_by_site: null,
    cancel_requested_at: null,
    retry_of: null,
    schedule: null,
    due_at: null,
    lands_at: 'analysis-1.ipynb',
    landed: null,
    land_problem: null,
    applied: null,
    notify: { on: [], by: [], mail_by: null },
    notified: [],
    run_folder: '/runs/1',
    can: ['cancel'],
    ...change
  };
}

/** Every day at seven in Berlin. */
export function aSchedule(change: Partial<Schedule> = {}): Schedule {
  return {
    id: anId('schedule'),
    name: 'analysis',
    request: { profile: 'local', source: { kind: 'notebook', path: 'analysis.ipynb' } },
    notebook: 'saved',
    snapshot_at: null,
    cron: '0 7 * * *',
    words: 'At 07:00 every day',
    timezone: 'Europe/Berlin',
    paused: false,
    catch_up: false,
    overlap: 'skip',
    by: { kind: 'bridge', here: true, text: 'A Jupyter server of yours sends the runs.' },
    next_at: '2026-03-02T06:00:00Z',
    last: null,
    missed: { count: 0, times: [] },
    problem: null,
    created_at: '2026-03-01T09:00:00Z',
    edited_at: '2026-03-01T09:00:00Z',
    ...change
  };
}

export function aProfile(change: Partial<Profile> = {}): Profile {
  return {
    name: 'local',
    title: 'This machine',
    description: '',
    origin: 'found',
    scheduler: { type: 'local' },
    cluster: 'local',
    resources: {
      cores: { default: 2 },
      memory_mb: { default: 4096 },
      walltime_s: { default: 1800 }
    },
    queue: null,
    account: null,
    kernel: null,
    available: { ok: true, reason: '', checked_at: '2026-03-01T09:00:00Z' },
    ...change
  };
}

export function aCluster(change: Partial<Cluster> = {}): Cluster {
  return {
    name: 'local',
    type: 'local',
    title: 'This machine',
    ok: true,
    reason: '',
    asked_at: '2026-03-01T09:00:00Z',
    ...change
  };
}

export function aJobList(change: Partial<JobList> = {}): JobList {
  return { jobs: [], counts: {}, next_cursor: null, revision: 1, clusters: [], ...change };
}

export function aProfileList(change: Partial<ProfileList> = {}): ProfileList {
  return { profiles: [aProfile()], problems: [], locked: false, ...change };
}
