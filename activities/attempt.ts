import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import {
  type CacheHit,
  type Claim,
  commitStep,
  dropEntriesWith,
  endAttempt,
  type NewEntry,
  readCheckpoint,
  readEnd,
  type StartedAttempt,
  type StepEnd,
  type StepKey,
  startAttempt,
  WHOLE,
  withValues,
  writeAnswers,
  writeCheckpoint,
} from '../metadata/index.ts';
import { AssetImmutable } from '../pipelines/errors.ts';
import type { PlanStep } from '../pipelines/plan.ts';
import type { StepReport, StepTask } from '../pipelines/protocol.ts';
import { quantityBytes } from '../pipelines/resources.ts';
import type { ErrorInfo } from '../pipelines/run-result.ts';
import { endOf, isWhole } from './answer.ts';
import { AttemptLog } from './attempt-log.ts';
import { cacheKey, cachePolicy, effectiveParams } from './cache-key.ts';
import { asLoaded, UNKNOWN_CODE } from './code-change.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { GroupSlot } from './group-slot.ts';
import { reportEnds } from './observer.ts';
import { stepParams } from './plan-run.ts';
import { judge } from './retry-policy.ts';
import type { RunContext } from './run-context.ts';
import type { ServedPipeline } from './served-pipelines.ts';
import { hold, startOnce } from './single-flight.ts';
import type { StepCall, StepCallResult } from './step-runner.ts';
import { stepStore, targetOf } from './step-store.ts';
import { untilWritten } from './until-written.ts';
import { lineWatcher, watchAttempt } from './watch-attempt.ts';

const LOST_WORKERS = 5;

/** A step to be tried: what, where its attempts and its end stand, and how a failure counts. */
export interface Trial {
  key: StepKey;
  task: StepTask;
  step: PlanStep;
  run: RunContext;
  served: ServedPipeline;
  /** What is called, beside what every call says. */
  call: Pick<StepCall, 'fallbackFor' | 'batch' | 'result' | 'traceparent'>;
  /** The index of the step's end, where that is not with its attempts. */
  endIndex?: number;
  /** What every end says. */
  facts?: Partial<StepEnd>;
  /** Called with what was made, before it is committed. */
  onMade?: (result: StepCallResult) => Promise<void>;
  /** A failure is not the step's end: its fallback comes next. */
  failureIsNoEnd?: boolean;
  /** Of its group, where that has a limit. */
  slot?: GroupSlot;
}

interface Attempt extends StepKey, StartedAttempt {
  /** When the step's first attempt began, on this process's `performance.now()`: the machine's clock may be set meanwhile. */
  began: number;
}

/**
 * Makes one attempt and commits what it made. Activities run at least once: the first end under the step's key is what
 * happened, and an attempt that finds one gives it back.
 * @throws ApplicationFailure for an attempt that failed: retryable, with the step's wait, until it is final
 */
export async function tryStep(deps: ActivityDependencies, trial: Trial): Promise<StepReport> {
  const { key, slot } = trial;
  // A condition is asked in the step's process before the cache is: not on every try for a slot.
  const ended = trial.step.conditional ? await slot?.take(trial) : undefined;
  const entry = ended ? undefined : await entryOf(deps, trial);
  const early = ended ?? (await slot?.take(trial, entry));
  const now = performance.now();
  const start = early ?? (await startOnce(() => startAttempt(deps.db, key, deps.workerId, { endIndex: trial.endIndex, claim: entry })));
  if ('end' in start) return report(start.end, key.step);
  if ('hit' in start) return answered(deps, trial, start.hit);
  // Waits between attempts are part of how long a step took.
  const attempt: Attempt = { ...key, ...start, began: now - start.sinceFirstMs };
  if (!entry) return watched(deps, trial, attempt);
  const lease = hold(deps.db, entry);
  let computed = false;
  try {
    const made = await watched(deps, trial, attempt, entry);
    computed = made.status === 'succeeded' && made.codeChanged?.ran !== UNKNOWN_CODE;
    return made;
  } finally {
    await lease.end(computed);
  }
}

/** An attempt, as those who watch the worker see it. */
function watched(deps: ActivityDependencies, trial: Trial, attempt: Attempt, entry?: NewEntry & Claim): Promise<StepReport> {
  const { key, call } = trial;
  const facts = {
    step: key.step,
    attempt: attempt.attempt,
    batch: call.batch?.index,
    endsStep: (trial.endIndex ?? key.index ?? WHOLE) === WHOLE,
    failureIsNoEnd: trial.failureIsNoEnd,
    missed: entry?.read === true && attempt.attempt === 1,
  };
  return watchAttempt(deps.observer, facts, (traceparent) =>
    attemptStep(deps, traceparent === undefined ? trial : { ...trial, call: { ...call, traceparent } }, attempt, entry),
  );
}

/** The cache entry that a success makes, and the claim to make it. Undefined where the cache has no part in it. */
async function entryOf(deps: ActivityDependencies, trial: Trial): Promise<(NewEntry & Claim) | undefined> {
  const { key, step, run, served, task } = trial;
  const policy = cachePolicy(step, run.request);
  const isPart = trial.call.batch || trial.call.fallbackFor || trial.call.result;
  if (!policy.write || isPart || step.hook) return undefined;
  const { ttlMs } = step.cache || {};
  return {
    ...cacheKey(step, task.inputs, effectiveParams(served.pipeline, step, run.params)),
    pipeline: served.pipeline.name,
    holder: `${key.runId}\n${key.executionId}\n${key.step}`,
    // A condition decides first. Where it says no, or fails, the attempt that follows comes to the same and writes it down.
    read: policy.read && (!step.conditional || (await saysYes(deps, trial))),
    ...(ttlMs === undefined ? {} : { ttlMs }),
  };
}

/** Ends a step with what the cache has, if that is still whole. */
async function answered(deps: ActivityDependencies, trial: Trial, hit: CacheHit): Promise<StepReport> {
  const { key, task } = trial;
  if (!(await isWhole(deps, hit, stepStore(deps, trial.run.plan, trial.step)))) return tryStep(deps, trial);
  const end = endOf(hit);
  const first = await writeAnswers(deps.db, key, { [key.step]: { key: hit.key, end, inputs: task.inputs } });
  reportEnds(deps.observer, { [key.step]: end }, first);
  return (await readEnd(deps.db, key)) ?? end;
}

/** Whether a step's condition lets it run. */
async function saysYes(deps: ActivityDependencies, trial: Trial): Promise<boolean> {
  const result = await deps.runner.run(
    { ...(await callOf(deps, trial, 1)), decide: true },
    { signal: Context.current().cancellationSignal, timeoutMs: trial.step.timeoutMs, onEvent() {}, async onCheckpoint() {} },
  );
  return result.ok && !result.skipped;
}

/** What the step's process is told. */
async function callOf(deps: ActivityDependencies, { key, task, step, run, served, call }: Trial, attempt: number): Promise<StepCall> {
  return {
    ...call,
    module: served.module,
    exportName: served.exportName,
    pipeline: served.pipeline.name,
    step: step.name,
    runId: key.runId,
    attempt,
    ...(run.request.scheduledTime === undefined ? {} : { scheduledTime: run.request.scheduledTime }),
    inputs: await withValues(deps.db, task.inputs),
    params: task.params ?? stepParams(step, run.params),
    store: targetOf(deps, run.plan, step),
  };
}

async function attemptStep(deps: ActivityDependencies, trial: Trial, attempt: Attempt, entry?: NewEntry): Promise<StepReport> {
  const { key, step } = trial;
  const { cancellationSignal: signal } = Context.current();
  if (attempt.lostInARow >= LOST_WORKERS) return endAsLost(deps, trial, attempt);

  const isTracked = trial.served.pipeline.options.experimentTracking !== false;
  const log = new AttemptLog(deps.db, deps.store, attempt);
  const { codeChanged } = trial.facts ?? {};
  if (codeChanged)
    log.note('warn', `runs with other code than its run was planned with (${codeChanged.ran} in place of ${codeChanged.planned})`);
  const watchLine = lineWatcher(deps.observer, step.name, attempt.attempt);
  const checkpoint = attempt.attempt > 1 ? await readCheckpoint(deps.db, key) : undefined;
  const result = await deps.runner.run(
    { ...(await callOf(deps, trial, attempt.attempt)), ...(checkpoint ? { checkpoint } : {}) },
    {
      signal,
      timeoutMs: step.timeoutMs,
      memoryBytes: step.resources?.memory === undefined ? undefined : quantityBytes(step.resources.memory, 'memory'),
      onEvent: (event) => {
        if (event.kind !== 'metric' || isTracked) log.take(event);
        watchLine(event);
      },
      onCheckpoint: (ref) => untilWritten(signal, () => writeCheckpoint(deps.db, key, ref)),
    },
  );
  if (!result.ok && !signal.aborted) log.note('error', result.failure.stack ?? `${result.failure.type}: ${result.failure.message}`);
  const loaded = asLoaded(deps, trial, result);
  if (loaded.note) log.note('warn', loaded.note);
  // The step's work is done, perhaps hours of it: a database that is away now is waited for.
  await untilWritten(signal, () => log.close());
  return settle(deps, loaded.trial, attempt, loaded.result, loaded.note ? undefined : entry);
}

async function settle(
  deps: ActivityDependencies,
  trial: Trial,
  attempt: Attempt,
  result: StepCallResult,
  entry?: NewEntry,
): Promise<StepReport> {
  const context = Context.current();
  const signal = context.cancellationSignal;
  const earlier = trial.call.fallbackFor;
  const facts = {
    attempts: earlier?.attempts ?? attempt.attempt,
    durationMs: Math.round(performance.now() - attempt.began) + (earlier?.durationMs ?? 0),
    ...trial.facts,
  };
  if (result.ok) {
    const { onMade } = trial;
    if (onMade) await untilWritten(undefined, () => onMade(result));
    const skipped = result.skipped ? { status: 'skipped' as const, reason: 'its condition was not met' } : { status: 'succeeded' as const };
    const end = { ...skipped, ...facts, ...(result.map ? { map: result.map } : {}), outputs: result.outputs };
    try {
      return await commit(deps, trial, attempt, end, result.skipped ? undefined : entry);
    } catch (error) {
      if (!(error instanceof AssetImmutable)) throw error;
      // What it made is not what that version holds, and no other attempt would change that.
      const failure = { type: error.name, message: error.message, final: true, counted: true };
      return settle(deps, trial, attempt, { ok: false, failure });
    }
  }
  const { failure } = result;
  const error: ErrorInfo = { type: failure.type, message: failure.message };
  if (signal.aborted) {
    const why = interruption(context);
    await untilWritten(undefined, () => endAttempt(deps.db, attempt, { status: 'cancelled', counted: false, error: why }));
    if (context.cancellationDetails?.cancelRequested) throw new CancelledFailure(`step '${trial.step.name}' was cancelled`, [facts]);
    throw ApplicationFailure.create({ ...why, nonRetryable: false });
  }
  if (failure.artifact !== undefined) {
    // Its maker must make it again: that is for the workflow to arrange. Nobody shall be answered with it meanwhile.
    const { artifact } = failure;
    await untilWritten(signal, () => dropEntriesWith(deps.db, artifact));
    await untilWritten(signal, () => endAttempt(deps.db, attempt, { status: 'failed', counted: false, error }));
    throw ApplicationFailure.create({ ...error, nonRetryable: true, details: [{ ...facts, artifact }] });
  }
  const verdict = judge(failure, trial.step.retry, attempt.failures);
  if (verdict.final && !trial.failureIsNoEnd) {
    const { fallback, ...own } = facts;
    return commit(deps, trial, attempt, { status: 'failed', ...own, outputs: {}, error });
  }
  await untilWritten(signal, () => endAttempt(deps.db, attempt, { status: 'failed', counted: failure.counted, error }));
  const details = [{ attempts: facts.attempts, durationMs: facts.durationMs, step: trial.step.name }];
  if (verdict.final) throw ApplicationFailure.create({ ...error, nonRetryable: true, details });
  throw ApplicationFailure.create({ ...error, nonRetryable: false, nextRetryDelay: verdict.delayMs, details });
}

/** Commits the step's end; an earlier one that stands already wins. */
async function commit(deps: ActivityDependencies, trial: Trial, attempt: Attempt, end: StepEnd, entry?: NewEntry): Promise<StepReport> {
  const { index = WHOLE } = attempt;
  const place = trial.endIndex === undefined ? {} : { index: trial.endIndex, attemptIndex: index };
  const committed = await untilWritten(undefined, () =>
    commitStep(deps.db, { ...attempt, ...place, end, inputs: trial.task.inputs, ...(entry ? { entry } : {}) }),
  );
  return report(committed.end, trial.step.name, committed.novel);
}

/** A step that takes its worker with it each time ends after a few; other steps and runs go on. */
function endAsLost(deps: ActivityDependencies, trial: Trial, attempt: Attempt): Promise<StepReport> {
  const message = `the worker was lost ${LOST_WORKERS} times in a row while it ran step '${trial.step.name}': the step itself seems to end it`;
  // This attempt itself has run nothing.
  const facts = { ...trial.facts, attempts: attempt.attempt - 1 };
  return settle(deps, { ...trial, facts }, attempt, { ok: false, failure: { type: 'WorkerLost', message, final: true, counted: true } });
}

/** An end as the activity's outcome: a failed one fails the activity, for good. */
function report(end: StepEnd, step: string, novel?: string[]): StepReport {
  if (end.status === 'failed') {
    throw ApplicationFailure.create({
      message: end.error?.message ?? 'failed',
      type: end.error?.type ?? 'Error',
      nonRetryable: true,
      details: [{ attempts: end.attempts, durationMs: end.durationMs, step }],
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
