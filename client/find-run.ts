import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { type Database, findRun, type RunRow, runIds } from '../metadata/index.ts';
import { UsageError } from '../pipelines/errors.ts';
import { hint } from '../pipelines/names.ts';
import type { RunResult } from '../pipelines/run-result.ts';
import { reconcile } from './reconcile.ts';

/** A run that the database knows; or one that only Temporal knows, since no worker has planned it yet or could. */
export type FoundRun = { row: RunRow } | { waiting: RunResult; reason: string };

/**
 * A run by its id.
 * @throws UsageError, with the nearest id, if neither the database nor Temporal knows it
 */
export async function findAnyRun(client: Client, db: Database, runId: string): Promise<FoundRun> {
  const found = await lookForRun(client, db, runId);
  if (!found) throw new UsageError(`there is no run '${runId}'${hint(runId, await runIds(db))}`);
  return found;
}

/** A run by its id; undefined if neither the database nor Temporal knows it. */
export async function lookForRun(client: Client, db: Database, runId: string): Promise<FoundRun | undefined> {
  const row = await findRun(db, runId);
  if (row) return { row: await reconcile(client, db, row) };
  try {
    const { type, startTime, status } = await client.workflow.getHandle(runId).describe();
    const open = status.name === 'RUNNING';
    const waiting: RunResult = {
      runId,
      pipeline: type,
      version: '',
      project: '',
      stack: '',
      status: open ? 'waiting' : ['FAILED', 'TIMED_OUT'].includes(status.name) ? 'failed' : 'cancelled',
      startedAt: startTime.toISOString(),
      durationMs: Date.now() - startTime.getTime(),
      steps: {},
    };
    return {
      waiting,
      reason: (await lastFailure(client, runId)) ?? (open ? 'no worker has taken it yet' : 'it ended before it was planned'),
    };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return undefined;
  }
}

/** What a run's history says last of what went wrong: a worker that could not serve it, or a plan that could not be made. */
async function lastFailure(client: Client, runId: string): Promise<string | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId: runId },
    maximumPageSize: 20,
  });
  for (const event of history?.events ?? []) {
    const failure = event.workflowTaskFailedEventAttributes?.failure ?? event.workflowExecutionFailedEventAttributes?.failure;
    if (failure?.message) return failure.message;
  }
  return undefined;
}
