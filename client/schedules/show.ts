import type { Client, ScheduleDescription, WorkflowExecutionStatusName } from '@temporalio/client';
import type { RunStatus } from '../../pipelines/run-result.ts';
import { isoSecond } from '../../pipelines/time-zones.ts';
import type { Session } from '../session.ts';
import { type ScheduleView, viewOfDescription } from './described.ts';
import { memoOf, type ScheduleSource } from './owned.ts';

export interface ScheduleSummary extends ScheduleView {
  name: string;
  source: ScheduleSource;
  paused: boolean;
  note: string | null;
  /** When it starts its next runs; ISO 8601. Times, not promises: it may be paused, or a run still going on. */
  next: string[];
}

/** A run that a schedule or a backfill started. */
export interface ScheduledRun {
  runId: string;
  scheduledTime: string;
  startedAt: string;
  status: RunStatus;
  by: 'schedule' | 'backfill';
}

export interface ScheduleDetails extends ScheduleSummary {
  createdAt: string;
  /** The newest, at most as many as were asked for. */
  runs: ScheduledRun[];
  /** Ids of runs of its own that go on. */
  running: string[];
  /** How many runs it has started. */
  taken: number;
  /** How many it did not start, by reason, since it was created. */
  skipped: {
    /** Overdue by more than the catch-up window when the server came back. */
    missedCatchupWindow: number;
    /** A run was still going on. */
    overlap: number;
    /** Too many waited already. */
    bufferDropped: number;
  };
  /** How many wait for a run to end. */
  buffered: number;
}

export function summaryOf(found: ScheduleDescription): ScheduleSummary {
  return {
    name: found.scheduleId,
    ...viewOfDescription(found),
    source: memoOf(found)?.source ?? 'command',
    paused: found.state.paused,
    note: found.state.note || null,
    next: found.info.nextActionTimes.map(isoSecond),
  };
}

/** All that is known of a schedule. */
export async function detailsOf({ temporal: { client } }: Session, found: ScheduleDescription, limit: number): Promise<ScheduleDetails> {
  const { info, raw } = found;
  return {
    ...summaryOf(found),
    createdAt: info.createdAt.toISOString(),
    runs: await lastRuns(client, found.scheduleId, limit),
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
    taken: info.numActionsTaken,
    skipped: {
      missedCatchupWindow: info.numActionsMissedCatchupWindow,
      overlap: info.numActionsSkippedOverlap,
      bufferDropped: Number(raw.info?.bufferDropped ?? 0),
    },
    buffered: Number(raw.info?.bufferSize ?? 0),
  };
}

const STATUS: Partial<Record<WorkflowExecutionStatusName, RunStatus>> = {
  RUNNING: 'running',
  PAUSED: 'paused',
  COMPLETED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'cancelled',
};

// Other schedules' names may begin like this one's: some of what comes is theirs.
const LOOKED_AT = 1000;

async function lastRuns(client: Client, name: string, limit: number): Promise<ScheduledRun[]> {
  const found: ScheduledRun[] = [];
  const ownId = new RegExp(`^${name}-(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ)$`);
  let looked = 0;
  for await (const run of client.workflow.list({ query: `WorkflowId STARTS_WITH "${name}-2"`, pageSize: 100 })) {
    if (found.length === limit || looked++ === LOOKED_AT) break;
    const scheduledTime = ownId.exec(run.workflowId)?.[1];
    const status = STATUS[run.status.name];
    if (!scheduledTime || !status) continue;
    found.push({
      runId: run.workflowId,
      scheduledTime,
      startedAt: run.startTime.toISOString(),
      status,
      by: 'TemporalScheduledById' in run.searchAttributes ? 'schedule' : 'backfill',
    });
  }
  return found;
}
