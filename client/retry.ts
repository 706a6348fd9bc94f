import type { Client } from '@temporalio/client';
import { type Database, findPlan, type RunRow } from '../metadata/index.ts';
import { UsageError } from '../pipelines/errors.ts';
import type { JsonValue } from '../pipelines/json.ts';
import { hint } from '../pipelines/names.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import { isOpen } from '../pipelines/run-result.ts';
import { findAnyRun } from './find-run.ts';

export interface RetryOptions {
  /** This step runs again, and all that come after it. */
  forceFrom?: string;
  /** Values that differ from the earlier run's. */
  params?: Record<string, JsonValue>;
}

/**
 * What a run is started with that takes over every step of an earlier one that succeeded.
 * @throws UsageError if that run goes on, was never planned, or has no step `forceFrom`
 */
export async function retryRequest(
  client: Client,
  db: Database,
  runId: string,
  { forceFrom, params }: RetryOptions = {},
): Promise<{ row: RunRow; request: RunRequest }> {
  const found = await findAnyRun(client, db, runId);
  if (!('row' in found)) throw new UsageError(`run '${runId}' was never planned: ${found.reason}`);
  const { row } = found;
  if (isOpen(row.status))
    throw new UsageError(`run '${runId}' has not ended: it is ${row.status}; cancel it first (flowyml runs cancel ${runId})`);
  if (forceFrom !== undefined) {
    const steps = (await findPlan(db, row.planHash))?.steps.map((step) => step.name) ?? [];
    if (!steps.includes(forceFrom))
      throw new UsageError(`run '${runId}' has no step '${forceFrom}' to begin from${hint(forceFrom, steps)}`);
  }
  const request: RunRequest = {
    params: { ...row.request.params, ...params },
    resumeFrom: runId,
    ...(forceFrom === undefined ? {} : { forceFrom }),
    ...(row.tags.length ? { tags: row.tags } : {}),
    ...(row.experiment ? { experiment: row.experiment } : {}),
    ...(row.request.priority === undefined ? {} : { priority: row.request.priority }),
  };
  return { row, request };
}
