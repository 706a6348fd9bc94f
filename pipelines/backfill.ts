import type { RunRequest } from './run-request.ts';

/** What a client says to the workflow that backfills, and it answers. Histories hold these: fields may be added. */

/** The workflow's type; its colon keeps it apart from every pipeline. */
export const BACKFILL = 'flowyml:backfill';

/** The query that gives the counts so far. */
export const BACKFILL_STATUS = 'status';

export interface BackfillRequest {
  pipeline: string;
  /** How the runs' ids begin. */
  schedule: string;
  /** What each run is asked for; its scheduled time is added. */
  request: RunRequest;
  /** Seconds since 1970. */
  times: number[];
  /** Runs at a time. */
  concurrency: number;
  /** Whether runs that failed or were cancelled are started again. */
  retryFailed: boolean;
  /** Of the runs, for Temporal Web. */
  summary?: string;
}

/** What became of the times so far. */
export interface BackfillCounts {
  started: number;
  /** Times whose run there was already. */
  existing: number;
  succeeded: number;
  failed: number;
  /** Ids of runs that failed or were cancelled, the first hundred. */
  failures: string[];
  /** Times that are still to come. */
  left: number;
}

/** The id of a schedule's run, as Temporal makes it too. */
export const scheduledRunId = (schedule: string, isoTime: string): string => `${schedule}-${isoTime}`;
