import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { closeRun, type Database, findRun, type RunRow } from '../metadata/index.ts';
import { isOpen, type RunStatus } from '../pipelines/run-result.ts';

/** Ends that Temporal knows of and the run itself could not write. */
const ENDS: Record<string, { status: RunStatus; message: string }> = {
  TERMINATED: { status: 'cancelled', message: 'it was terminated in Temporal' },
  TIMED_OUT: { status: 'failed', message: 'its workflow ran into a timeout' },
  FAILED: { status: 'failed', message: 'its workflow failed' },
  CANCELLED: { status: 'cancelled', message: 'it was cancelled' },
};

/**
 * The run's row, put right where Temporal says that the run has ended and the row does not: a run that is terminated from
 * outside writes nothing. Temporal being away changes nothing.
 */
export async function reconcile(client: Client, db: Database, row: RunRow): Promise<RunRow> {
  if (!isOpen(row.status)) return row;
  const end = await endInTemporal(client, row);
  if (!end) return row;
  await closeRun(db, row, { status: end.status, endedAt: end.at, error: { type: 'EndedOutside', message: end.message } });
  return (await findRun(db, row.runId, row.executionId)) ?? row;
}

async function endInTemporal(client: Client, row: RunRow): Promise<{ status: RunStatus; message: string; at: Date } | undefined> {
  try {
    // Without a run id Temporal describes the newest execution: of a chain that continued as new, or of a later run.
    const description = await client.workflow.getHandle(row.runId, undefined, { firstExecutionRunId: row.executionId }).describe();
    const end = ENDS[description.status.name];
    const sameRun = (description.raw.workflowExecutionInfo?.firstRunId || row.executionId) === row.executionId;
    if (!sameRun) return { status: 'failed', message: 'a later run took its id', at: new Date() };
    return end && { ...end, at: description.closeTime ?? new Date() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { status: 'failed', message: 'Temporal does not know it any more', at: new Date() };
    return undefined;
  }
}
