// GENERATED from jupyterlab_compute/contract/openapi.yaml by `jlpm contract`. Do not edit.

export interface paths {
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which bridge is this, and what can it do */
        get: operations["handshake"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/profiles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All profiles of the site, of the user and found on this machine, merged */
        get: operations["listProfiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/profiles/trial": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look at everything that a job of a profile needs. Nothing is started */
        post: operations["tryProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a request would send. Nothing is started */
        post: operations["preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page of jobs, or what changed since a revision */
        get: operations["listJobs"];
        put?: never;
        /** Run this. Answers at once; the native id follows */
        post: operations["submitJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** One action on many jobs. Each is tried; the answer says how each went */
        post: operations["bulk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        get: operations["getJob"];
        put?: never;
        post?: never;
        /** Forget an ended or unknown job, with its run folder unless `files=keep` */
        delete: operations["forgetJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pass the wish on. The state will say when it has ended */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/hold": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["holdJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["releaseJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run exactly the same again, as a new job that names the old one */
        post: operations["retryJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/applied": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * One page's claim that it commits the outputs to the notebook, and later its word that it did
         * @description The first claim wins. A second page gets 409 until the claim is 60 seconds old without `done`; then it may claim anew,
         *     because the first page is gone. After `done` every claim is refused.
         */
        post: operations["claimApplied"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        /** Bytes of a log from an offset, while the job runs too */
        get: operations["readLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/outputs": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        /** Outputs and progress per cell as they came */
        get: operations["readOutputs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        /** What the job has used over time, beside what was asked for */
        get: operations["readUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        get: operations["listFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/files/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
                path: string;
            };
            cookie?: never;
        };
        get: operations["downloadFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What run folders take on disk. Measuring takes a while; ask again until `measured` is `jobs` */
        get: operations["readStorage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/storage/clean-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delete ended jobs with their files, oldest first, until what is kept is within the limits */
        post: operations["cleanUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How one can be told of a job while no page is open, and what is told unless a request says otherwise */
        get: operations["notifyWays"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notify/trial": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a message now that says that it is a trial. Answers when it was sent, or what kept it */
        post: operations["notifyTrial"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All recurring runs of this user, oldest first */
        get: operations["listSchedules"];
        put?: never;
        /** Run this notebook again and again. What could not run now is refused */
        post: operations["createSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/schedules/times": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a cron expression means, and its next times */
        post: operations["previewTimes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/schedules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["schedule"];
            };
            cookie?: never;
        };
        get: operations["getSchedule"];
        /** Replace what a person chose. 409 if somebody did since `edited_at` */
        put: operations["changeSchedule"];
        post?: never;
        /** Delete a schedule. Its jobs stay */
        delete: operations["deleteSchedule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/schedules/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["schedule"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["pauseSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/schedules/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["schedule"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["resumeSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/schedules/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["schedule"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A run now, besides the due ones, also while it is paused */
        post: operations["runSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        JobId: string;
        /** Format: date-time */
        Time: string;
        NullableTime: components["schemas"]["Time"] | null;
        Name: string;
        /** @enum {string} */
        State: "submitting" | "queued" | "held" | "running" | "completing" | "succeeded" | "failed" | "cancelled" | "unknown";
        Error: {
            code: string;
            message: string;
            hint: string;
            /** @description JSON pointer of the offending field of the request. */
            pointer?: string;
        };
        Handshake: {
            /** @constant */
            name: "jupyterlab-compute";
            version: string;
            /** @constant */
            api: 1;
            capabilities: string[];
        };
        Range: {
            default?: number;
            min?: number;
            max?: number;
        };
        /** @description What a job may ask for here; a resource that is not named cannot be chosen. */
        ProfileResources: {
            nodes?: components["schemas"]["Range"];
            tasks?: components["schemas"]["Range"];
            cores?: components["schemas"]["Range"];
            memory_mb?: components["schemas"]["Range"];
            gpus?: components["schemas"]["Range"];
            walltime_s?: components["schemas"]["Range"];
        };
        Available: {
            /** @description Whether the scheduler answers and takes jobs for this profile. */
            ok: boolean;
            /** @description Why not, in a sentence; empty when it does. */
            reason: string;
            checked_at: components["schemas"]["NullableTime"];
            /** @description Why jobs would end together with this server; absent when they outlive it. */
            ends_with_server?: string;
        };
        Profile: {
            name: string;
            title: components["schemas"]["Name"];
            description: string;
            /** @enum {string} */
            origin: "site" | "user" | "extension" | "found";
            /** @description Where it is written down, e.g. `overrides.json`; the source that an extension named; empty for one that was found. */
            given_in?: string;
            scheduler: {
                type: string;
                host?: string;
                cluster?: string;
            };
            /** @description The scheduler that answers for it; jobs of one cluster are asked about together. */
            cluster: string;
            resources: components["schemas"]["ProfileResources"];
            queue: string | null;
            account: string | null;
            /** @description A kernel instead of the notebook's own. */
            kernel: string | null;
            gpu_types?: string[];
            /** @description Names of further options of the scheduler that a request may set, and the pattern that each value must match. */
            native?: {
                [key: string]: string;
            };
            is_default?: boolean;
            /** @description So many of mine are under way here at once; further ones wait. */
            at_most?: number | null;
            available: components["schemas"]["Available"];
        };
        TrialRequest: {
            name: string;
            /** @description As the settings would hold it, instead of what they hold: a profile that is being written. */
            settings?: Record<string, unknown>;
        };
        Check: {
            /** @enum {string} */
            what: "settings" | "scheduler" | "accepts" | "run_root" | "python" | "kernel";
            /** @description Null: it cannot be known from here. */
            ok: boolean | null;
            text: string;
            /** @description The cure, or what to mind. */
            hint: string;
            begins_at?: components["schemas"]["NullableTime"];
        };
        Trial: {
            /** @description No check found something wrong. */
            ok: boolean;
            checks: components["schemas"]["Check"][];
        };
        ProfileList: {
            profiles: components["schemas"]["Profile"][];
            /** @description What is wrong with the settings, in sentences. */
            problems: string[];
            /** @description Whether only the site's profiles count. */
            locked: boolean;
        };
        /** @description What the job asks for. Memory is per node, cores per task. */
        Resources: {
            nodes?: number;
            tasks?: number;
            cores?: number;
            memory_mb?: number;
            gpus?: number;
            gpu_type?: string;
            walltime_s?: number;
        };
        /** @description An nbformat 4 notebook. Checked by nbformat beyond what stands here. */
        Notebook: {
            cells: Record<string, unknown>[];
            metadata?: Record<string, unknown>;
            nbformat?: number;
            nbformat_minor?: number;
        };
        /** @description Below the server's root, with forward slashes, as `contents.localPath` gives it. */
        Path: string;
        CellId: string;
        /**
         * @description What to run. `content` is the notebook as it stands in the editor; without it the saved file is read.
         *     For `cells`, `cell_ids` names the cells whose outputs come back.
         */
        Source: {
            /** @enum {string} */
            kind: "notebook" | "cells";
            path: components["schemas"]["Path"];
            cell_ids?: components["schemas"]["CellId"][];
            content?: components["schemas"]["Notebook"];
        };
        JobRequest: {
            /** @description Made up by the sender once per wish; the same key never starts a second job. */
            key: string;
            profile: string;
            name?: components["schemas"]["Name"];
            source: components["schemas"]["Source"];
            /**
             * @description What runs before the cells, in the same fresh kernel.
             * @default nothing
             * @enum {string}
             */
            before?: "nothing" | "setup" | "needed" | "above";
            /** @description For `needed`: the cells, found by the page and seen by the user. */
            before_cell_ids?: components["schemas"]["CellId"][];
            resources?: components["schemas"]["Resources"];
            native?: {
                [key: string]: string;
            };
            queue?: string;
            account?: string;
            /** @description A kernelspec's name instead of the notebook's own. */
            kernel?: string;
            /** @description Values by name. A cell that sets them goes in after the cell tagged `parameters` (papermill's convention). */
            parameters?: Record<string, unknown>;
            /** @description For a notebook: where the executed copy goes. {folder}, {name}, {date}, {time} (UTC), {profile} and {job} are filled in. */
            lands_at?: components["schemas"]["Path"];
            /** @description For a notebook: what else is made of the executed copy, beside it. The handshake's capabilities name those that this server can make, e.g. `format-pdf`. */
            formats?: components["schemas"]["Format"][];
            /** @description Instead of what the settings say. */
            notify?: components["schemas"]["Notify"];
            /** @description Cancel it if it has not started by then. While a server of this user runs. */
            give_up_after_s?: number;
            /** @description Send it only while fewer than so many of mine are under way in this profile. */
            at_most?: number;
            retries?: components["schemas"]["Retries"];
            after?: components["schemas"]["JobId"][];
        };
        /** @enum {string} */
        Format: "html" | "pdf" | "script";
        /** @description The executed copy in another format, or why there is none. */
        Export: {
            format: components["schemas"]["Format"];
            path: string | null;
            problem: string | null;
        };
        /**
         * @description `ended` is any end, `failed` a bad one only; a job has one end, so both are one message.
         * @enum {string}
         */
        NotifyOn: "started" | "ended" | "failed";
        /** @enum {string} */
        NotifyBy: "mail" | "webhook";
        /** @description Of what one wants to be told, and how. Empty lists mean nothing. What one cancelled oneself is not told. */
        Notify: {
            on: components["schemas"]["NotifyOn"][];
            by: components["schemas"]["NotifyBy"][];
        };
        JobNotify: {
            on: components["schemas"]["NotifyOn"][];
            by: components["schemas"]["NotifyBy"][];
            /**
             * @description Who sends the mail. The scheduler does so without this server, and does not say whether it did.
             * @enum {string|null}
             */
            mail_by: "scheduler" | "server" | null;
        };
        Told: {
            by: components["schemas"]["NotifyBy"];
            on: components["schemas"]["NotifyOn"];
            /** @description When it was sent, or given up; null while that is under way. */
            at: components["schemas"]["NullableTime"];
            /** @description What kept it, in a sentence; null when nothing did. */
            problem: string | null;
        };
        NotifyWay: {
            ok: boolean;
            /** @description Why not, in a sentence; empty when it is. */
            reason: string;
        };
        NotifyWays: {
            /** @description Mail by this server. */
            mail: components["schemas"]["NotifyWay"];
            /** @description Mail by schedulers that send it themselves. */
            scheduler_mail: components["schemas"]["NotifyWay"];
            webhook: components["schemas"]["NotifyWay"];
            /** @description Types of schedulers that send mail themselves: for their profiles `scheduler_mail` counts instead of `mail`. */
            mailing_schedulers: string[];
            mail_to: string | null;
            /** @description What counts for a request that says nothing, from the settings. */
            usual: components["schemas"]["Notify"];
        };
        NotifyTrial: {
            by: components["schemas"]["NotifyBy"];
        };
        NotifyTried: {
            problem: string | null;
        };
        /** @description Run it again by itself if it fails, as a new job that names this one. Not if it was refused or cancelled. */
        Retries: {
            times: number;
            /**
             * @description With twice the memory or time if that was the cause, as far as the profile allows; not at all if it allows no more.
             * @default false
             */
            more?: boolean;
        };
        RetryRequest: {
            key?: string;
            resources?: components["schemas"]["Resources"];
        };
        BulkRequest: {
            /** @enum {string} */
            action: "cancel" | "hold" | "release" | "retry" | "forget";
            ids: components["schemas"]["JobId"][];
        };
        BulkResult: {
            done: components["schemas"]["JobId"][];
            failed: {
                id: components["schemas"]["JobId"];
                error: components["schemas"]["Error"];
            }[];
        };
        AppliedRequest: {
            /** @description Made up by a page when it loads. */
            page: string;
            /** @default false */
            done?: boolean;
        };
        Reason: {
            /** @description For programs: resources, priority, dependency, held_by_user, quota, error, timeout, out_of_memory, node_failed, preempted, rejected, lost, … */
            code: string;
            /** @description For people: one plain sentence without the state's own word. */
            text: string;
        };
        Progress: {
            done: number;
            total: number;
            /** @description The cell that runs. */
            current: null | components["schemas"]["CellId"];
        };
        CellRun: {
            id: components["schemas"]["CellId"];
            /** @enum {string} */
            role: "before" | "selected";
            /** @description Of the cell's source in UTF-8, as it was sent. */
            source_sha256: string;
        };
        Applied: {
            page: string;
            claimed_at: components["schemas"]["Time"];
            done: boolean;
        };
        Usage: {
            peak_memory_mb?: number | null;
            cpu_s?: number | null;
        };
        Job: {
            id: components["schemas"]["JobId"];
            revision: number;
            name: string;
            source: {
                /** @enum {string} */
                kind: "notebook" | "cells";
                path: components["schemas"]["Path"];
                /** @description In the order in which they run. Left out of lists for notebooks, whose cells are all `selected`. */
                cells: components["schemas"]["CellRun"][];
            };
            profile: string;
            profile_title: string;
            cluster: string;
            /** @description local, slurm, … */
            scheduler: string;
            resources: components["schemas"]["Resources"];
            queue: string | null;
            account: string | null;
            kernel: string;
            /** @enum {string} */
            before: "nothing" | "setup" | "needed" | "above";
            /** @description Values that were set in the notebook, by name. */
            parameters: Record<string, unknown>;
            state: components["schemas"]["State"];
            reason: components["schemas"]["Reason"] | null;
            native_id: string | null;
            node: string | null;
            attempt: number | null;
            script_sha256: string;
            created_at: components["schemas"]["Time"];
            queued_at: components["schemas"]["NullableTime"];
            estimated_start: components["schemas"]["NullableTime"];
            started_at: components["schemas"]["NullableTime"];
            ended_at: components["schemas"]["NullableTime"];
            exit: null | {
                code: number | null;
                signal: number | null;
            };
            progress: components["schemas"]["Progress"] | null;
            /** @description The scheduler has not answered since; the state is the last one known. */
            stale_since: components["schemas"]["NullableTime"];
            usage: components["schemas"]["Usage"] | null;
            /** @description What the scheduler holds for this job where it differs from what was asked. */
            changed_by_site: null | {
                [key: string]: {
                    asked: string | number | null;
                    got: string | number;
                };
            };
            cancel_requested_at: components["schemas"]["NullableTime"];
            /** @description How often it will still be run again by itself; `problem` says why that came to nothing. */
            retries: null | {
                times: number;
                more: boolean;
                problem: string | null;
            };
            /** @description The job that runs it again. */
            retried_as: components["schemas"]["JobId"] | null;
            at_most: number | null;
            /** @description When it is given up if it has not started. */
            give_up_at: components["schemas"]["NullableTime"];
            retry_of: components["schemas"]["JobId"] | null;
            /** @description The schedule whose run it is, which may have been deleted since. */
            schedule: components["schemas"]["ScheduleId"] | null;
            /** @description When that run was due; null: somebody asked for it to run now. */
            due_at: components["schemas"]["NullableTime"];
            /** @description For a notebook: where the executed copy will be, below the server's root. */
            lands_at: string | null;
            /** @description Where it is. */
            landed: string | null;
            /** @description Why the executed copy could not be put there; it is in the run folder then. */
            land_problem: string | null;
            formats: components["schemas"]["Format"][];
            /** @description Null until they have been made. */
            exports: null | components["schemas"]["Export"][];
            applied: components["schemas"]["Applied"] | null;
            notify: components["schemas"]["JobNotify"];
            /** @description What was told of it by this server, or should have been. */
            notified: components["schemas"]["Told"][];
            run_folder: string;
            /** @description What may be asked of it now. */
            can: ("cancel" | "hold" | "release" | "retry" | "forget" | "send_again")[];
        };
        ScheduleId: string;
        /** @description Five fields: minute, hour, day of the month, month, day of the week. Names, lists, ranges, steps, L and MON#1 are possible. */
        Cron: string;
        /** @description A name like Europe/Berlin. */
        TimeZone: string;
        /**
         * @description What happens to a run that is due while the one before has not ended.
         * @enum {string}
         */
        Overlap: "skip" | "run";
        /**
         * @description A JobRequest without `key` and without the notebook's content, for a whole notebook. In the texts of `parameters` and in
         *     `lands_at`, {date}, {time} and {due} stand for the moment when the run was due, in the schedule's time zone.
         */
        ScheduledRequest: {
            key?: never;
            profile: string;
            source: components["schemas"]["Source"];
        };
        ScheduleRequest: {
            /** @description Made up by the sender once per wish; the same key never makes a second schedule. */
            key: string;
            name?: components["schemas"]["Name"];
            request: components["schemas"]["ScheduledRequest"];
            cron: components["schemas"]["Cron"];
            timezone: components["schemas"]["TimeZone"];
            /**
             * @description Whether the notebook runs as it is saved then, or as it is saved now.
             * @default saved
             * @enum {string}
             */
            notebook?: "saved" | "snapshot";
            /** @default false */
            paused?: boolean;
            /**
             * @description Whether, of the runs that were missed, the newest is made up for.
             * @default false
             */
            catch_up?: boolean;
            /** @default skip */
            overlap?: components["schemas"]["Overlap"];
        };
        /** @description What is left out takes its default, but `notebook` `snapshot` keeps the copy that there is of that path. */
        ScheduleChange: {
            /** @description Of the schedule that the person saw. */
            edited_at?: components["schemas"]["Time"];
            name?: components["schemas"]["Name"];
            request: components["schemas"]["ScheduledRequest"];
            cron: components["schemas"]["Cron"];
            timezone: components["schemas"]["TimeZone"];
            /**
             * @default saved
             * @enum {string}
             */
            notebook?: "saved" | "snapshot";
            /** @default false */
            catch_up?: boolean;
            /** @default skip */
            overlap?: components["schemas"]["Overlap"];
        };
        RunRequest: {
            key: string;
        };
        TimesRequest: {
            cron: components["schemas"]["Cron"];
            timezone: components["schemas"]["TimeZone"];
        };
        /** @description Who sends the runs. */
        SentBy: {
            /** @enum {string} */
            kind: "bridge";
            /** @description Whether this server does while it runs. */
            here: boolean;
            /** @description For people. */
            text: string;
        };
        TimesPreview: {
            cron: components["schemas"]["Cron"];
            /** @description What the expression means. */
            words: string;
            next: components["schemas"]["Time"][];
            by: components["schemas"]["SentBy"];
        };
        Missed: {
            due_at: components["schemas"]["Time"];
            /** @enum {string} */
            why: "no_server" | "still_running" | "not_sent";
        };
        Schedule: {
            id: components["schemas"]["ScheduleId"];
            name: components["schemas"]["Name"];
            request: components["schemas"]["ScheduledRequest"];
            /** @enum {string} */
            notebook: "saved" | "snapshot";
            /** @description When the copy of the notebook was taken. */
            snapshot_at: components["schemas"]["NullableTime"];
            cron: components["schemas"]["Cron"];
            /** @description What the expression means. */
            words: string;
            timezone: components["schemas"]["TimeZone"];
            paused: boolean;
            catch_up: boolean;
            overlap: components["schemas"]["Overlap"];
            by: components["schemas"]["SentBy"];
            next_at: components["schemas"]["NullableTime"];
            /** @description The last run that was sent. */
            last: null | {
                job: components["schemas"]["JobId"];
                due_at: components["schemas"]["Time"];
                /** @description Null: the job was deleted. */
                state: components["schemas"]["State"] | null;
            };
            missed: {
                /** @description All in all; of one absence at most 10,000 are counted. */
                count: number;
                /** @description The newest, oldest first. */
                times: components["schemas"]["Missed"][];
            };
            /** @description Why the last run that was due could not be sent. After three in a row the schedule pauses itself. */
            problem: null | {
                code: string;
                /** @description For people. */
                text: string;
                due_at: components["schemas"]["Time"];
                times: number;
            };
            created_at: components["schemas"]["Time"];
            edited_at: components["schemas"]["Time"];
        };
        ScheduleList: {
            schedules: components["schemas"]["Schedule"][];
        };
        Deleted: {
            id: components["schemas"]["JobId"];
            revision: number;
            /** @constant */
            deleted: true;
        };
        /** @description A scheduler with jobs or profiles, and when it last answered. */
        Cluster: {
            name: string;
            type: string;
            title: string;
            ok: boolean;
            reason: string;
            /** @description When it last answered. */
            asked_at: components["schemas"]["NullableTime"];
            silent_since?: components["schemas"]["NullableTime"];
        };
        JobList: {
            jobs: (components["schemas"]["Job"] | components["schemas"]["Deleted"])[];
            /** @description Jobs per state, of all jobs. */
            counts: {
                [key: string]: number;
            };
            next_cursor: string | null;
            /** @description Ask `since` this next time. */
            revision: number;
            /** @description `since` is too old or not ours: load the list anew. */
            reset?: boolean;
            clusters: components["schemas"]["Cluster"][];
        };
        OutputEvent: {
            /** @enum {string} */
            event: "cell_started" | "output" | "update_display" | "clear_output" | "cell_ended";
            cell: components["schemas"]["CellId"];
            at: components["schemas"]["Time"];
            index?: number;
            /** @enum {string} */
            role?: "before" | "selected";
            /** @description An nbformat 4.5 output, text joined to one string. */
            output?: Record<string, unknown>;
            display_id?: string;
            data?: Record<string, unknown>;
            metadata?: Record<string, unknown>;
            wait?: boolean;
            /** @enum {string} */
            status?: "ok" | "error" | "aborted";
            execution_count?: number | null;
            duration_s?: number;
            peak_memory_mb?: number | null;
        };
        Outputs: {
            attempt: number;
            events: components["schemas"]["OutputEvent"][];
            next: number;
            /** @description There is more already: ask again at once. */
            more: boolean;
            /** @description The job has ended and this is all there will be. */
            ended: boolean;
        };
        UsageSample: {
            at: components["schemas"]["Time"];
            /** @description Processor time since the attempt began, of all that the job runs on its first node. It never falls. */
            cpu_s: number;
            /** @description The most that was seen since the sample before. */
            memory_mb: number;
            /** @description One entry for each GPU that the job sees. Missing where nobody can say. */
            gpu?: {
                /** @description The share of the last moments in which it worked. null: this GPU does not say, as one that is divided (MIG). */
                busy: number | null;
                memory_mb: number | null;
            }[];
        };
        UsageOverTime: {
            /** @description 0: none has begun. */
            attempt: number;
            /** @description What was asked for on one node, which is what the samples are about. */
            asked: {
                memory_mb: number | null;
                cores: number;
            };
            /** @description Oldest first; the further on, the further apart. */
            samples: components["schemas"]["UsageSample"][];
            /** @description The job has ended and this is all there will be. */
            ended: boolean;
        };
        FileList: {
            files: {
                path: string;
                size: number;
                modified_at: components["schemas"]["Time"];
            }[];
            truncated: boolean;
        };
        Storage: {
            jobs: number;
            /** @description Jobs whose size is known by now. */
            measured: number;
            bytes: number;
            ended: {
                jobs: number;
                bytes: number;
            };
            /** @description Ended jobs whose results are nowhere but in their run folder. */
            only_copies: number;
            largest: {
                id: components["schemas"]["JobId"];
                name: string;
                bytes: number;
            }[];
            notebooks: {
                path: string;
                jobs: number;
                bytes: number;
            }[];
            /** @description What the settings keep; null is no limit. */
            keep: {
                days: number | null;
                jobs: number | null;
                bytes: number | null;
            };
        };
        /** @description What is kept of ended jobs. A job goes when any of the limits says so. */
        CleanUpRequest: {
            days?: number;
            jobs?: number;
            bytes?: number;
            /**
             * @description Also jobs whose results are nowhere else.
             * @default false
             */
            even_only_copies?: boolean;
            /**
             * @description Only say what would go.
             * @default false
             */
            dry_run?: boolean;
        };
        CleanUpResult: {
            /** @description Jobs that went, or would go. */
            jobs: number;
            /** @description What they took, as far as it was measured. */
            bytes: number;
            /** @description More are to go: ask again. */
            left: number;
            /** @description Jobs that stay because their results are nowhere else. */
            spared: number;
        };
        Preview: {
            script: string;
            command: string[];
            files: {
                path: string;
                size: number;
            }[];
            lands_at: string | null;
            estimated_start: components["schemas"]["NullableTime"];
            warnings: string[];
            cells: components["schemas"]["CellRun"][];
        };
    };
    responses: {
        /** @description What happened, why, what to do next. */
        Error: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
    };
    parameters: {
        id: components["schemas"]["JobId"];
        schedule: components["schemas"]["ScheduleId"];
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    handshake: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bridge. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Handshake"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listProfiles: {
        parameters: {
            query?: {
                /** @description 1: ask the schedulers again now (at most once per floor). */
                refresh?: "0" | "1";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Profiles. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileList"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    tryProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrialRequest"];
            };
        };
        responses: {
            /** @description One line a check. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trial"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobRequest"];
            };
        };
        responses: {
            /** @description What would be sent. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description States, separated by commas; `active` and `ended` stand for several. */
                state?: string;
                profile?: string;
                /** @description The notebook's path. */
                path?: string;
                /** @description This moment or later. */
                created_after?: components["schemas"]["Time"];
                /** @description Before this moment. */
                created_before?: components["schemas"]["Time"];
                /** @description Only the runs of that schedule. */
                schedule?: components["schemas"]["ScheduleId"];
                /** @description Words that name, path, profile or native id contain. */
                q?: string;
                sort?: "created" | "-created" | "name" | "-name" | "state" | "-state" | "profile" | "-profile";
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description A revision: only what changed after it, deletions as `Deleted`. Goes with no other parameter but `limit`. */
                since?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Jobs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobList"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    submitJob: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobRequest"];
            };
        };
        responses: {
            /** @description The same key and body came before; this is that job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Taken down for good. `Location` is the job's address. */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    bulk: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkRequest"];
            };
        };
        responses: {
            /** @description How each went. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkResult"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    forgetJob: {
        parameters: {
            query?: {
                files?: "keep" | "delete";
            };
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Forgotten. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The wish is on its way. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    holdJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The wish is on its way. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    releaseJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The wish is on its way. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    retryJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RetryRequest"];
            };
        };
        responses: {
            /** @description The same key came before; this is that job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description The new job. */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    claimApplied: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppliedRequest"];
            };
        };
        responses: {
            /** @description Claimed or done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readLog: {
        parameters: {
            query?: {
                stream?: "stdout" | "stderr" | "scheduler";
                /** @description Negative: so many bytes before the end. */
                offset?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At most `limit` bytes; empty when there is nothing new. Never HTML. */
            200: {
                headers: {
                    "X-Next-Offset"?: number;
                    "X-Size"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readOutputs: {
        parameters: {
            query?: {
                /** @description `next` of the answer before; 0: from the start. */
                from?: number;
                /** @description The attempt that `from` belongs to. Another attempt since: the answer starts at its beginning. */
                attempt?: number;
            };
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Outputs"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readUsage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Samples of the newest attempt. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageOverTime"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listFiles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What lies in the run folder. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileList"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    downloadFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["id"];
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readStorage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As far as it is known. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Storage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    cleanUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CleanUpRequest"];
            };
        };
        responses: {
            /** @description What went, or would go. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CleanUpResult"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    notifyWays: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The ways. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotifyWays"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    notifyTrial: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NotifyTrial"];
            };
        };
        responses: {
            /** @description How it went. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotifyTried"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listSchedules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Schedules. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleList"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    createSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleRequest"];
            };
        };
        responses: {
            /** @description The same key and body came before; this is that schedule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description Taken down for good. `Location` is the schedule's address. */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    previewTimes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TimesRequest"];
            };
        };
        responses: {
            /** @description The times. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimesPreview"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    getSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["schedule"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    changeSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["schedule"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleChange"];
            };
        };
        responses: {
            /** @description The changed schedule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    deleteSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["schedule"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    pauseSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["schedule"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No further runs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    resumeSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["schedule"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The next run is the first one after now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    runSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["schedule"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunRequest"];
            };
        };
        responses: {
            /** @description The same key came before; this is that job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description The job. */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
}
