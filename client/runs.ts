import { type Client, isGrpcServiceError, ServiceError, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/common';
import { customAlphabet } from 'nanoid';
import { type Database, findRun } from '../metadata/index.ts';
import { UsageError } from '../pipelines/errors.ts';
import { isPriority, NO_PRIORITY, type RunPriority, taskPriority } from '../pipelines/priority.ts';
import { FAILURES } from '../pipelines/protocol.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import type { RunResult } from '../pipelines/run-result.ts';
import { describeRun } from './describe-run.ts';
import { runMemo } from './memo.ts';
import { outage } from './outage.ts';
import { reconcile } from './reconcile.ts';

// Letters that are not mistaken for each other when read aloud.
const shortId = customAlphabet('23456789abcdefghjkmnpqrstuvwxyz', 10);

/** A readable id for a new run. */
export const newRunId = (pipeline: string) => `${pipeline}-${shortId()}`;

export interface StartRun {
  pipeline: string;
  taskQueue: string;
  request: RunRequest;
  runId?: string;
  description?: string;
  /** The pipeline's own, where it says one. */
  version?: string;
  /** The pipeline's own label, where it has one. */
  project?: string;
  /** The pipeline's own. */
  priority?: RunPriority;
}

/**
 * Starts a run. One that has this id already is taken as it is, be it running or ended.
 * @throws UsageError for what Temporal does not take
 */
export async function startRun(client: Client, start: StartRun): Promise<WorkflowHandle> {
  const workflowId = start.runId ?? newRunId(start.pipeline);
  const { priority = start.priority, project = start.project ?? start.taskQueue } = start.request;
  if (priority !== undefined && !isPriority(priority)) throw new UsageError(`priority: ${JSON.stringify(priority)} ${NO_PRIORITY}`);
  try {
    return await client.workflow.start(start.pipeline, {
      workflowId,
      taskQueue: start.taskQueue,
      args: [start.request],
      memo: runMemo(start.request, start.version),
      priority: taskPriority(project, priority),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      ...(start.description === undefined ? {} : { staticSummary: start.description }),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw refusal(error) ?? error;
    return client.workflow.getHandle(workflowId);
  }
}

const GRPC_INVALID_ARGUMENT = 3;

/** What Temporal does not take: too large a request, too long an id. */
function refusal(error: unknown): UsageError | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(cause)) return undefined;
  if (/size exceeds limit|larger than max/.test(cause.details))
    return new UsageError("the run's params are larger than Temporal takes (2 MB): let a step read large data itself", { cause: error });
  if (cause.code !== GRPC_INVALID_ARGUMENT) return undefined;
  return new UsageError(`Temporal does not take this run: ${cause.details}`, { cause: error });
}

/**
 * Waits for a run to end. A run that fails or is cancelled has a result like any other: look at its status.
 * @throws UsageError if Temporal does not know the run
 * @throws ServiceUnavailable if Temporal or PostgreSQL is away for longer than some seconds
 */
export async function awaitRun(client: Client, db: Database, runId: string): Promise<RunResult> {
  try {
    return await endOfRun(client, db, runId);
  } catch (error) {
    throw outage(error) ?? error;
  }
}

async function endOfRun(client: Client, db: Database, runId: string): Promise<RunResult> {
  try {
    return await whole(db, (await client.workflow.getHandle(runId).result()) as RunResult);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new UsageError(`there is no run '${runId}' in Temporal`);
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof ApplicationFailure && cause.type === FAILURES.runFailed) {
      const [result] = (cause.details ?? []) as [RunResult | undefined];
      if (result && Object.keys(result.steps).length) return whole(db, result);
      throw new UsageError(cause.message);
    }
    // Cancelled, terminated, timed out: only the database knows what had been done.
    const row = await findRun(db, runId);
    if (!row) throw new UsageError(`run '${runId}' ended before it was planned: ${cause?.message ?? error.message}`);
    return (await describeRun(db, await reconcile(client, db, row))).result;
  }
}

/** A result too large for Temporal comes without outputs: the database has them. */
async function whole(db: Database, result: RunResult): Promise<RunResult> {
  const row = result.outputsOmitted ? await findRun(db, result.runId) : undefined;
  return row ? (await describeRun(db, row)).result : result;
}
