import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { ACTIVITIES, FAILURES, type WaitingApproval } from '../pipelines/protocol.ts';
import { PAUSE, RESUME, type RunRequest, STATUS_QUERY } from '../pipelines/run-request.ts';
import type { RunResult, RunStatus } from '../pipelines/run-result.ts';
import { bookkeeping } from './activities.ts';
import { Approvals } from './approvals.ts';
import { type Course, isFull } from './course.ts';
import { showDetails } from './details.ts';
import { finishRun } from './finish.ts';
import { openStatus, Recorder } from './recorder.ts';
import { type RunIdentity, runResult } from './result.ts';
import { runUnit } from './run-unit.ts';
import { announceFailure, announceRun, scheduledTime } from './search-attributes.ts';
import { RunState } from './state.ts';
import { Window } from './window.ts';

/** What a run takes along when it continues as new; everything else is read from the database again. */
interface Carried {
  executionId: string;
  startedAt: number;
  paused?: boolean;
  waiting?: Record<string, WaitingApproval>;
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
  let paused = carried?.paused ?? false;
  let ended: RunStatus | undefined;
  const status = () => ended ?? (state ? openStatus({ state, paused: () => paused }) : 'running');
  setHandler(defineQuery<RunResult>(STATUS_QUERY), () => runResult(run, state, status()));
  showDetails(() => ({ runId: run.runId, version: run.planned?.version, status: status(), state }));
  setHandler(defineSignal(PAUSE), () => {
    paused = true;
  });
  setHandler(defineSignal(RESUME), () => {
    paused = false;
  });
  const approvals = new Approvals(() => state);

  try {
    run.planned = carried
      ? await bookkeeping[ACTIVITIES.resumeRun]({ executionId })
      : await bookkeeping[ACTIVITIES.planRun]({
          executionId,
          startedAt: new Date(run.startedAt).toISOString(),
          request,
          ...scheduledTime(),
        });
  } catch (error) {
    if (isCancellation(error)) throw error;
    throw planFailure(error, () => runResult(run, state, 'failed'));
  }
  state = new RunState(run.planned);
  if (run.planned.finished) {
    ended = 'succeeded';
    return runResult(run, state, ended);
  }
  const course: Course = { executionId, planned: run.planned, state, window: new Window(), approvals, paused: () => paused };
  if (!carried && state.ended.size < state.steps.length) announceRun(run.planned);
  const recorder = new Recorder(carried ? openStatus(course) : 'running', carried?.waiting ?? {});
  for (const [step, waiting] of Object.entries(carried?.waiting ?? {})) state.waiting.set(step, waiting);

  try {
    if (!(await runCourse(course, recorder))) {
      await condition(allHandlersFinished);
      const waiting = Object.fromEntries(state.waiting);
      await continueAsNew<typeof pipelineRun>(request, { executionId, startedAt: run.startedAt, paused, waiting });
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    const { running, waiting } = state;
    await CancellationScope.nonCancellable(async () => {
      await condition(() => running.size === 0 && waiting.size === 0);
      ended = 'cancelled';
      await finishRun(course, run, 'cancelled');
    });
    throw error;
  }

  const { failure } = state;
  const end = failure ? 'failed' : 'succeeded';
  ended = end;
  await CancellationScope.nonCancellable(() => finishRun(course, run, end));
  if (!failure) return runResult(run, state, end);
  announceFailure(run.planned, failure.step);
  throw ApplicationFailure.create({
    message: `step '${failure.step}' failed: ${failure.error.type}: ${failure.error.message}`,
    type: FAILURES.runFailed,
    nonRetryable: true,
    details: [runResult(run, state, end)],
  });
}

/** Runs steps until none is left; false where the history has grown so long that the run must continue as new. */
async function runCourse(course: Course, recorder: Recorder): Promise<boolean> {
  const { state, window } = course;
  for (;;) {
    await askCache(course);
    while (state.ready && !course.paused() && window.free > 0 && !isFull(course)) {
      void runUnit(course, state.next());
    }
    await recorder.record(course);
    const idle = state.running.size === 0;
    if (idle && !state.stopped && isFull(course) && (state.ready || state.waiting.size)) return false;
    // A run that has failed asks nobody any more.
    if (idle && (state.stopped || (!state.ready && !state.waiting.size))) return true;
    const before = { ended: state.ended.size, paused: course.paused(), waiting: state.waiting.size, running: state.running.size };
    await condition(
      () =>
        state.ended.size !== before.ended ||
        course.paused() !== before.paused ||
        state.waiting.size !== before.waiting ||
        state.running.size < before.running ||
        (state.ready > 0 && !course.paused() && window.free > 0 && !isFull(course)),
    );
  }
}

/** Answers what the cache can of steps that wait for workers of a group: a hit must not wait for a GPU. */
async function askCache({ state, executionId, paused }: Course): Promise<void> {
  for (let asked = state.askable(); asked.length && !paused(); asked = state.askable()) {
    const steps = asked.map((step) => ({ step: step.name, inputs: state.inputsOf(step, 0) }));
    state.answer(asked, await bookkeeping[ACTIVITIES.askCache]({ executionId, steps }));
  }
}

/** The failure that a run ends with when it could not be planned; or one that makes Temporal try another worker. */
function planFailure(error: unknown, result: () => RunResult): Error {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  // Not a Temporal failure, so it fails the workflow task, not the run: the task goes to whoever asks next.
  if (cause instanceof ApplicationFailure && cause.type === FAILURES.notServed) return new Error(cause.message);
  const message = cause instanceof Error ? cause.message : String(cause);
  return ApplicationFailure.create({ message, type: FAILURES.runFailed, nonRetryable: true, details: [result()] });
}
