import type { Client, ScheduleDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { type Database, runStatuses } from '../../metadata/index.ts';
import { BACKFILL, BACKFILL_STATUS, type BackfillCounts, type BackfillRequest, scheduledRunId } from '../../pipelines/backfill.ts';
import { UsageError } from '../../pipelines/errors.ts';
import type { OverlapPolicy } from '../../pipelines/schedule.ts';
import { isoSecond } from '../../pipelines/time-zones.ts';
import type { Session } from '../session.ts';
import { requestIn, viewOfDescription } from './described.ts';
import { matchingTimes, type TimeRange, timeRange } from './times.ts';

export interface BackfillOptions {
  /** The first day (`'2026-03-01'`, in the schedule's time zone) or moment. */
  from: string | Date;
  /** The last day, as a whole, or moment; times that are still to come are left to the schedule. */
  to: string | Date;
  /** Runs at a time: 1 unless given, 10 where the schedule's runs may overlap. */
  concurrency?: number;
  /** Start runs again that failed or were cancelled. */
  retryFailed?: boolean;
}

export interface BackfillProgress {
  /** Times of the schedule in the range that have come. */
  times: number;
  /** Those that are left to the schedule: they are still to come. */
  future: number;
  started: number;
  /** Those whose run was there already. */
  existing: number;
  /** Of those, how many are known to have failed or been cancelled. */
  existingFailed: number;
  succeeded: number;
  /** Of those started. */
  failed: number;
  /** Ids of these, the first hundred. */
  failures: string[];
  left: number;
}

/** A backfill that goes on, whoever looks at it. */
export interface BackfillHandle {
  /** Of its workflow in Temporal; undefined where there was nothing to start. */
  readonly workflowId: string | undefined;
  /** Whether the same was being backfilled already: this joined it. */
  readonly joined: boolean;
  /** What there was to do when it was asked for. */
  readonly asked: Pick<BackfillProgress, 'times' | 'future' | 'existing'>;
  /** How far it is; needs a worker. */
  progress(): Promise<BackfillProgress>;
  /** Waits for its end. */
  result(): Promise<BackfillProgress>;
}

const CONCURRENCY: Record<OverlapPolicy, number> = {
  skip: 1,
  bufferOne: 1,
  bufferAll: 1,
  cancelOther: 1,
  terminateOther: 1,
  allowAll: 10,
};
const MOST_AT_ONCE = 500;

/**
 * Runs what a schedule would have run in a span of the past, each time once, however often it is asked for.
 * @throws UsageError for a range that is none, lies in the future, or holds no time of the schedule
 */
export async function startBackfill(session: Session, found: ScheduleDescription, options: BackfillOptions): Promise<BackfillHandle> {
  const { client } = session.temporal;
  const name = found.scheduleId;
  const view = viewOfDescription(found);
  const concurrency = options.concurrency ?? CONCURRENCY[view.overlap];
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST_AT_ONCE)
    throw new UsageError(`concurrency: ${concurrency} is not a whole number from 1 to ${MOST_AT_ONCE}`);
  const range = timeRange(options.from, options.to, view.timezone);
  const now = Math.floor(Date.now() / 1000);
  const all = await matchingTimes(client, found, range);
  const times = all.filter((at) => at <= now);
  if (!times.length) throw nothing(found, range, all.length);

  const retryFailed = options.retryFailed ?? false;
  const known = await knownRuns(session.db, name, times, retryFailed);
  const asked = { times: times.length, future: all.length - times.length, existing: known.done.size };
  const open = times.filter((at) => !known.done.has(at));
  const progressOf = (counts: BackfillCounts): BackfillProgress => ({
    ...asked,
    ...counts,
    // Who joins may have found runs that the backfill he joined has started.
    existing: Math.max(0, times.length - counts.started - counts.left),
    existingFailed: known.failed,
  });
  const workflowId = `${BACKFILL}:${name}:${isoSecond(range.from * 1000)}..${isoSecond(range.to * 1000)}${retryFailed ? ':retry-failed' : ''}`;
  const joined = await isRunning(client, workflowId);
  if (!open.length && !joined) {
    const ended = async () => progressOf({ started: 0, existing: 0, succeeded: 0, failed: 0, failures: [], left: 0 });
    return { workflowId: undefined, joined, asked, progress: ended, result: ended };
  }
  const { taskQueue, staticSummary } = found.action;
  const request: BackfillRequest = {
    pipeline: view.pipeline,
    schedule: name,
    request: requestIn(found.action),
    times: open,
    concurrency,
    retryFailed,
    ...(staticSummary === undefined ? {} : { summary: staticSummary }),
  };
  const handle = await client.workflow.start(BACKFILL, {
    workflowId,
    taskQueue,
    args: [request],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `Backfill of schedule ${name}`,
  });
  return {
    workflowId,
    joined,
    asked,
    progress: async () => progressOf(await handle.query<BackfillCounts>(BACKFILL_STATUS)),
    result: async () => progressOf(await handle.result()),
  };
}

function nothing({ scheduleId, spec }: ScheduleDescription, { from, to }: TimeRange, future: number): UsageError {
  const span = `from ${isoSecond(from * 1000)} to ${isoSecond(to * 1000)}`;
  if (future) return new UsageError(`all times of schedule '${scheduleId}' ${span} are still to come: they are left to the schedule`);
  const start = spec.startAt && from * 1000 < spec.startAt.getTime() ? `; it starts at ${isoSecond(spec.startAt)} (startAt)` : '';
  const end = spec.endAt && to * 1000 > spec.endAt.getTime() ? `; it ends at ${isoSecond(spec.endAt)} (endAt)` : '';
  return new UsageError(`schedule '${scheduleId}' has no time ${span}${start}${end}`);
}

/** Runs that are over, by the database: it knows them for longer than Temporal does. */
async function knownRuns(db: Database, name: string, times: readonly number[], retryFailed: boolean) {
  const idOf = (at: number) => scheduledRunId(name, isoSecond(at * 1000));
  const statuses = await runStatuses(db, times.map(idOf));
  const done = new Set<number>();
  let failed = 0;
  for (const at of times) {
    const status = statuses.get(idOf(at));
    if (status === 'succeeded') done.add(at);
    if ((status === 'failed' || status === 'cancelled') && !retryFailed) {
      done.add(at);
      failed++;
    }
  }
  return { done, failed };
}

async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
