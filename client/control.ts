import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';
import { UsageError } from '../pipelines/errors.ts';
import { APPROVE, type ApprovalRequest, PAUSE, REJECT, RESUME } from '../pipelines/run-request.ts';
import type { ApprovalDecision } from '../pipelines/run-result.ts';

/**
 * Approves or rejects a step that waits for it. Comes back when the decision is kept.
 * @throws UsageError, with the reason, if the step does not wait, or the run has ended
 */
export async function decide(
  client: Client,
  runId: string,
  decision: 'approve' | 'reject',
  request: ApprovalRequest,
): Promise<ApprovalDecision> {
  try {
    const update = decision === 'approve' ? APPROVE : REJECT;
    return await client.workflow.getHandle(runId).executeUpdate<ApprovalDecision, [ApprovalRequest]>(update, { args: [request] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) throw new UsageError(error.cause.message);
    throw notOpen(error, runId);
  }
}

/** Holds a run back: what runs goes on, nothing new starts. */
export const pause = (client: Client, runId: string) => signal(client, runId, PAUSE);

/** Lets a paused run go on. */
export const resume = (client: Client, runId: string) => signal(client, runId, RESUME);

/** Asks a run to cancel. */
export async function cancel(client: Client, runId: string): Promise<void> {
  await client.workflow
    .getHandle(runId)
    .cancel()
    .catch((error: unknown) => {
      throw notOpen(error, runId);
    });
}

async function signal(client: Client, runId: string, name: string): Promise<void> {
  await client.workflow
    .getHandle(runId)
    .signal(name)
    .catch((error: unknown) => {
      throw notOpen(error, runId);
    });
}

function notOpen(error: unknown, runId: string): unknown {
  return error instanceof WorkflowNotFoundError ? new UsageError(`run '${runId}' has ended, or there is none of that id`) : error;
}
