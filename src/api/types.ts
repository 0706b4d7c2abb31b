import type { components } from './schema';

type Schemas = components['schemas'];

export type BulkAction = Schemas['BulkRequest']['action'];
export type BulkRequest = Schemas['BulkRequest'];
export type BulkResult = Schemas['BulkResult'];
export type CleanUpRequest = Schemas['CleanUpRequest'];
export type CleanUpResult = Schemas['CleanUpResult'];
export type Cluster = Schemas['Cluster'];
export type Deleted = Schemas['Deleted'];
export type ErrorBody = Schemas['Error'];
export type FileList = Schemas['FileList'];
export type Handshake = Schemas['Handshake'];
export type Job = Schemas['Job'];
export type JobList = Schemas['JobList'];
export type JobRequest = Schemas['JobRequest'];
export type JobState = Schemas['State'];
export type NotifyBy = Schemas['NotifyBy'];
export type NotifyTried = Schemas['NotifyTried'];
export type NotifyWays = Schemas['NotifyWays'];
export type OutputEvent = Schemas['OutputEvent'];
export type Outputs = Schemas['Outputs'];
export type Preview = Schemas['Preview'];
export type Profile = Schemas['Profile'];
export type ProfileList = Schemas['ProfileList'];
export type Resources = Schemas['Resources'];
export type Storage = Schemas['Storage'];
export type Trial = Schemas['Trial'];
export type TrialRequest = Schemas['TrialRequest'];
export type RetryRequest = Schemas['RetryRequest'];
export type Source = Schemas['Source'];
export type UsageOverTime = Schemas['UsageOverTime'];
export type UsageSample = Schemas['UsageSample'];

/** A recurring run. What it asks for is a whole request for a job, without a key and the notebook's content. */
export type Schedule = Omit<Schemas['Schedule'], 'request'> & { request: ScheduledRequest };
export type ScheduledRequest = Omit<JobRequest, 'key'>;
export type ScheduleChange = Omit<Schemas['ScheduleChange'], 'request'> & {
  request: ScheduledRequest;
};
export type ScheduleRequest = Omit<Schemas['ScheduleRequest'], 'request'> & {
  request: ScheduledRequest;
};
export type ScheduleList = { schedules: Schedule[] };
export type MissedRun = Schemas['Missed'];
export type TimesPreview = Schemas['TimesPreview'];

/** What runs before the chosen cells. */
export type Before = NonNullable<JobRequest['before']>;

/** What may be asked of a job now. */
export type JobAction = Job['can'][number];

/** Where a log comes from: the run's own two streams, and what the scheduler said. */
export type LogStream = 'stdout' | 'stderr' | 'scheduler';

/** A piece of a log; the next piece starts at `next`, and `size` is all there is by now. */
export type LogChunk = { readonly text: string; readonly next: number; readonly size: number };

/** A wish to run something; the key that keeps it from running twice may be left to us. */
export type NewJob = Omit<JobRequest, 'key'> & { key?: string };

/** Whether forgetting a job also deletes what lies in its run folder. */
export type FilesFate = 'keep' | 'delete';
