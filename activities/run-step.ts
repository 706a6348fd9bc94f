import { activityInfo, Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { commitStep, endAttempt, isDatabaseAway, type StepEnd, type StepKey, startAttempt, withValues } from '../metadata/index.ts';
import type { PlanStep } from '../pipelines/plan.ts';
import type { StepReport, StepTask } from '../pipelines/protocol.ts';
import { quantityBytes } from '../pipelines/resources.ts';
import type { ErrorInfo } from '../pipelines/run-result.ts';
import { AttemptLog } from './attempt-log.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { beat } from './heartbeat.ts';
import { servedPipeline, stepParams } from './plan-run.ts';
import { judge } from './retry-policy.ts';
import type { RunContexts } from './run-context.ts';
import type { StepCallResult, StepFailure } from './step-runner.ts';

const LOST_WORKERS = 5;

interface Attempt extends StepKey {
  attempt: number;
  /** Earlier failures that used up an attempt. */
  failures: number;
  startedAt: number;
}

/**
 * Runs one attempt of a step and commits what it made. Activities run at least once: the first end under the step's key
 * is what happened, and an attempt that finds one gives it back.
 */
export async function runStep(deps: ActivityDependencies, contexts: RunContexts, task: StepTask): Promise<StepReport> {
  const context = Context.current();
  const info = activityInfo();
  const key: StepKey = { runId: info.workflowExecution?.workflowId ?? '', executionId: task.executionId, step: task.step };
  const served = servedPipeline(deps, info.workflowType ?? '', undefined);
  const run = await contexts.of(key);
  const step = run.steps.get(task.step);
  if (!step) throw ApplicationFailure.nonRetryable(`the run's plan has no step '${task.step}'`, 'UnknownStep');

  const began = Date.now();
  const start = await startAttempt(deps.db, key, deps.workerId);
  if ('end' in start) return report(start.end);
  // Waits between attempts are part of how long a step took.
  const attempt: Attempt = { ...key, ...start, startedAt: start.attempt === 1 ? began : Math.min(began, start.firstStartedAt.getTime()) };
  if (start.lostInARow >= LOST_WORKERS) return endAsLost(deps, attempt, task);

  const log = new AttemptLog(deps.db, deps.store, attempt);
  const stopBeating = beat(context);
  try {
    const result = await deps.runner.run(
      {
        module: served.module,
        pipeline: served.pipeline.name,
        step: task.step,
        runId: key.runId,
        attempt: start.attempt,
        inputs: await withValues(deps.db, task.inputs),
        params: task.params ?? stepParams(step, run.params),
        store: deps.storeRoot,
      },
      {
        signal: context.cancellationSignal,
        timeoutMs: step.timeoutMs,
        memoryBytes: memoryLimit(step),
        onEvent: (event) => log.take(event),
      },
    );
    if (!result.ok && !context.cancellationSignal.aborted)
      log.note('error', result.failure.stack ?? `${result.failure.type}: ${result.failure.message}`);
    // The step's work is done, perhaps hours of it: a database that is away now is waited for.
    await untilWritten(context.cancellationSignal, () => log.close());
    return await settle(deps, task, step, attempt, result);
  } finally {
    stopBeating();
  }
}

async function settle(
  deps: ActivityDependencies,
  task: StepTask,
  step: PlanStep,
  attempt: Attempt,
  result: StepCallResult,
): Promise<StepReport> {
  const context = Context.current();
  const signal = context.cancellationSignal;
  const facts = { attempts: attempt.attempt, durationMs: Date.now() - attempt.startedAt };
  if (result.ok) return commit(deps, task, attempt, { status: 'succeeded', ...facts, outputs: result.outputs });
  const error: ErrorInfo = { type: result.failure.type, message: result.failure.message };
  if (signal.aborted) {
    await untilWritten(undefined, () =>
      endAttempt(deps.db, attempt, { status: 'cancelled', counted: false, error: interruption(context) }),
    );
    if (context.cancellationDetails?.cancelRequested) throw new CancelledFailure(`step '${task.step}' was cancelled`, [facts]);
    throw ApplicationFailure.create({ ...interruption(context), nonRetryable: false });
  }
  const verdict = judge(result.failure, step.retry, attempt.failures);
  if (verdict.final) return commit(deps, task, attempt, { status: 'failed', ...facts, outputs: {}, error });
  await untilWritten(signal, () =>
    endAttempt(deps.db, attempt, { status: 'failed', counted: (result.failure as StepFailure).counted, error }),
  );
  throw ApplicationFailure.create({ ...error, nonRetryable: false, nextRetryDelay: verdict.delayMs, details: [facts] });
}

/** Commits the step's end; an earlier one that stands already wins. */
async function commit(deps: ActivityDependencies, task: StepTask, attempt: Attempt, end: StepEnd): Promise<StepReport> {
  const committed = await untilWritten(undefined, () => commitStep(deps.db, { ...attempt, end, inputs: task.inputs }));
  return report(committed.end, committed.novel);
}

/** A step that takes its worker with it each time ends after a few; other steps and runs go on. */
function endAsLost(deps: ActivityDependencies, attempt: Attempt, task: StepTask): Promise<StepReport> {
  const message = `the worker was lost ${LOST_WORKERS} times in a row while it ran step '${task.step}': the step itself seems to end it`;
  const facts = { attempts: attempt.attempt - 1, durationMs: Date.now() - attempt.startedAt };
  return commit(deps, task, attempt, { status: 'failed', ...facts, outputs: {}, error: { type: 'WorkerLost', message } });
}

/** An end as the activity's outcome: a failed one fails the activity, for good. */
function report(end: StepEnd, novel?: string[]): StepReport {
  if (end.status === 'failed') {
    throw ApplicationFailure.create({
      message: end.error?.message ?? 'failed',
      type: end.error?.type ?? 'Error',
      nonRetryable: true,
      details: [{ attempts: end.attempts, durationMs: end.durationMs }],
    });
  }
  return novel?.length ? { ...end, novel } : end;
}

/** Why an attempt was ended from outside. */
function interruption(context: Context): ErrorInfo {
  const details = context.cancellationDetails;
  if (details?.cancelRequested) return { type: 'Cancelled', message: 'the run was cancelled' };
  if (details?.workerShutdown) return { type: 'WorkerShutdown', message: 'its worker was stopped' };
  if (details?.timedOut || details?.notFound) return { type: 'Superseded', message: 'Temporal no longer waited for this attempt' };
  return { type: 'Interrupted', message: 'it was interrupted' };
}

function memoryLimit(step: PlanStep): number | undefined {
  const memory = step.resources?.memory;
  return memory === undefined ? undefined : quantityBytes(memory, 'memory');
}

/** Repeats a write while the database is away. Other errors, and an abort, end it. */
async function untilWritten<T>(signal: AbortSignal | undefined, write: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isDatabaseAway(error) || signal?.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
