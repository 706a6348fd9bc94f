import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  condition,
  continueAsNew,
  defineQuery,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  WorkflowIdReusePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import { BACKFILL_STATUS, type BackfillCounts, type BackfillRequest, scheduledRunId } from '../pipelines/backfill.ts';
import type { RunRequest } from '../pipelines/run-request.ts';

const FAILURES_KEPT = 100;
const NONE: BackfillCounts = { started: 0, existing: 0, succeeded: 0, failed: 0, failures: [], left: 0 };

/**
 * Starts a schedule's runs of the past, some at a time, and waits for them. A run is known by its id, the same that the
 * schedule would have given it, so none is started twice, whoever asks.
 */
export async function backfill(request: BackfillRequest, counts: BackfillCounts = NONE): Promise<BackfillCounts> {
  const { times } = request;
  const so = { ...counts, failures: [...counts.failures], left: times.length };
  setHandler(defineQuery<BackfillCounts>(BACKFILL_STATUS), () => so);
  let next = 0;
  let running = 0;
  let broken: unknown;
  const one = async (at: number) => {
    running++;
    try {
      await run(request, at, so);
    } catch (error) {
      broken ??= error;
    } finally {
      running--;
      so.left--;
      setCurrentDetails(details(so));
    }
  };
  while (next < times.length && !broken && !workflowInfo().continueAsNewSuggested) {
    void one(times[next++] ?? 0);
    await condition(() => running < request.concurrency);
  }
  await condition(() => running === 0);
  if (broken) throw broken;
  if (next < times.length) await continueAsNew<typeof backfill>({ ...request, times: times.slice(next) }, so);
  return so;
}

/** One run: started unless it is there, and awaited. */
async function run(
  { pipeline, schedule, request, retryFailed, summary }: BackfillRequest,
  at: number,
  counts: BackfillCounts,
): Promise<void> {
  const scheduledTime = `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
  const workflowId = scheduledRunId(schedule, scheduledTime);
  try {
    const child = await startChild<(request: RunRequest) => Promise<unknown>>(pipeline, {
      workflowId,
      args: [{ ...request, scheduledTime }],
      workflowIdReusePolicy: retryFailed ? WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY : WorkflowIdReusePolicy.REJECT_DUPLICATE,
      // Runs are their own masters: one that goes on does so whatever becomes of the backfill.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      ...(summary === undefined ? {} : { staticSummary: summary }),
    });
    counts.started++;
    await child.result();
    counts.succeeded++;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      counts.existing++;
      return;
    }
    // Nobody waits for it any more: the backfill itself was cancelled.
    if (CancellationScope.current().consideredCancelled) return;
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    counts.failed++;
    if (counts.failures.length < FAILURES_KEPT) counts.failures.push(workflowId);
  }
}

const details = ({ started, existing, succeeded, failed, left }: BackfillCounts) =>
  `${started} started (${succeeded} succeeded, ${failed} failed), ${existing} were there already, ${left} to go`;
