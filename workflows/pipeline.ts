import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  isCancellation,
  setCurrentDetails,
  setHandler,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { SlimStep } from '../pipelines/plan.ts';
import { ACTIVITIES, FAILURES, type StepOutcome } from '../pipelines/protocol.ts';
import { type RunRequest, STATUS_QUERY } from '../pipelines/run-request.ts';
import type { ErrorInfo, RunResult, RunStatus } from '../pipelines/run-result.ts';
import { bookkeeping, scheduleStep } from './activities.ts';
import { details } from './details.ts';
import { type RunIdentity, runResult } from './result.ts';
import { announceFailure, announceRun } from './search-attributes.ts';
import { RunState } from './state.ts';

// A workflow with thousands of pending activities stalls in Temporal; a hundred at a time are as fast as all at once.
const WINDOW = 100;
// Where a run continues as new though steps are still running: well below the 51,200 events at which Temporal ends it.
const HISTORY_LIMIT = 30_000;

/** What a run takes along when it continues as new; everything else is read from the database again. */
interface Carried {
  executionId: string;
  startedAt: number;
}

/**
 * The workflow of every pipeline: its type is the pipeline's name. Asks for the plan, runs each step as an activity as
 * soon as what it needs is there, and ends with the run's result; a failed run fails with the result in its details.
 */
export default async function pipelineRun(request: RunRequest = {}, carried?: Carried): Promise<RunResult> {
  const info = workflowInfo();
  const run: RunIdentity = {
    runId: info.workflowId,
    pipeline: info.workflowType,
    startedAt: carried?.startedAt ?? info.startTime.getTime(),
    planned: undefined,
  };
  const executionId = carried?.executionId ?? info.firstExecutionRunId;
  let state: RunState | undefined;
  let status: RunStatus = 'running';
  setHandler(defineQuery<RunResult>(STATUS_QUERY), () => runResult(run, state, status));

  try {
    run.planned = carried
      ? await bookkeeping[ACTIVITIES.resumeRun]({ executionId })
      : await bookkeeping[ACTIVITIES.planRun]({ executionId, startedAt: new Date(run.startedAt).toISOString(), request });
  } catch (error) {
    if (isCancellation(error)) throw error;
    throw planFailure(error, () => runResult(run, state, 'failed'));
  }
  state = new RunState(run.planned);
  if (!carried && state.ended.size < state.steps.length) announceRun(run.planned);

  try {
    const finished = await runSteps(state, executionId);
    if (!finished) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof pipelineRun>(request, { executionId, startedAt: run.startedAt });
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    const cancelled = state;
    await CancellationScope.nonCancellable(async () => {
      await condition(() => cancelled.running.size === 0);
      status = 'cancelled';
      await finish(cancelled, executionId, status);
    });
    throw error;
  }

  status = state.failure ? 'failed' : 'succeeded';
  await CancellationScope.nonCancellable(() => finish(state as RunState, executionId, status));
  if (!state.failure) return runResult(run, state, status);
  announceFailure(run.planned, state.failure.step);
  const { step, error } = state.failure;
  throw ApplicationFailure.create({
    message: `step '${step}' failed: ${error.type}: ${error.message}`,
    type: FAILURES.runFailed,
    nonRetryable: true,
    details: [runResult(run, state, status)],
  });
}

/** Runs steps until none is left; false where the history has grown so long that the run must continue as new. */
async function runSteps(state: RunState, executionId: string): Promise<boolean> {
  const full = () => workflowInfo().historyLength > HISTORY_LIMIT || (workflowInfo().continueAsNewSuggested && state.running.size === 0);
  let drawn = 0;
  const draw = (force = false) => {
    // Drawing costs time with many steps; once a second is as good for a reader.
    if (!force && Date.now() - drawn < 1000) return;
    drawn = Date.now();
    setCurrentDetails(details(state));
  };
  for (;;) {
    while (state.ready && state.running.size < WINDOW && !full()) {
      const step = state.next() as SlimStep;
      void runStep(state, step, executionId).then(() => draw());
    }
    draw();
    if (!state.running.size) {
      draw(true);
      return state.ready === 0;
    }
    const before = state.ended.size;
    await condition(() => state.ended.size > before || state.running.size === 0);
  }
}

/** Runs one step to its end. Never rejects: what went wrong is the step's outcome. */
async function runStep(state: RunState, step: SlimStep, executionId: string): Promise<void> {
  try {
    const task = { executionId, step: step.name, inputs: state.inputsOf(step), ...(step.params ? { params: step.params } : {}) };
    const { novel, ...outcome } = await scheduleStep(step, task);
    state.end(step.name, outcome);
  } catch (error) {
    if (isCancellation(error)) {
      state.end(step.name, { status: 'cancelled', reason: 'the run was cancelled', ...attemptsOf(error), outputs: {} });
      return;
    }
    const outcome: StepOutcome = { status: 'failed', ...attemptsOf(error), outputs: {}, error: errorOf(error, step) };
    try {
      // A worker that could not say so itself (its time was up) leaves no row; one that finished meanwhile does.
      state.end(
        step.name,
        await CancellationScope.nonCancellable(() => bookkeeping[ACTIVITIES.settleStep]({ executionId, step: step.name, outcome })),
      );
    } catch {
      state.end(step.name, outcome);
    }
  }
}

/** Writes the run's end, and the ends of the steps that never ran. */
async function finish(state: RunState, executionId: string, status: RunStatus): Promise<void> {
  const cancelled = [...state.ended].filter(([, outcome]) => outcome.status === 'cancelled');
  const ends = { ...Object.fromEntries(cancelled), ...state.abandon(status === 'cancelled' ? 'cancelled' : 'skipped') };
  const error = state.failure
    ? { type: state.failure.error.type, message: `step '${state.failure.step}': ${state.failure.error.message}` }
    : undefined;
  await bookkeeping[ACTIVITIES.finishRun]({ executionId, status, endedAt: new Date().toISOString(), ends, ...(error ? { error } : {}) });
  setCurrentDetails(details(state));
}

/** The failure that a run ends with when it could not be planned; or one that makes Temporal try another worker. */
function planFailure(error: unknown, result: () => RunResult): Error {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  // Not a Temporal failure, so it fails the workflow task, not the run: the task goes to whoever asks next.
  if (cause instanceof ApplicationFailure && cause.type === FAILURES.notServed) return new Error(cause.message);
  const message = cause instanceof Error ? cause.message : String(cause);
  return ApplicationFailure.create({ message, type: FAILURES.runFailed, nonRetryable: true, details: [result()] });
}

function attemptsOf(error: unknown): { attempts: number; durationMs: number } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const [facts] = cause instanceof ApplicationFailure ? ((cause.details ?? []) as { attempts?: number; durationMs?: number }[]) : [];
  return { attempts: facts?.attempts ?? 0, durationMs: facts?.durationMs ?? 0 };
}

function errorOf(error: unknown, step: SlimStep): ErrorInfo {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) {
    return {
      type: 'TotalTimeout',
      message: `step '${step.name}' did not succeed within its total timeout of ${(step.totalTimeoutMs ?? 0) / 1000} s`,
    };
  }
  if (cause instanceof ApplicationFailure) return { type: cause.type ?? 'Error', message: cause.message };
  return { type: cause instanceof Error ? cause.name : 'Error', message: cause instanceof Error ? cause.message : String(cause) };
}
