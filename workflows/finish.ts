import type { HookOccasion, SlimStep } from '../pipelines/plan.ts';
import { ACTIVITIES, type StepOutcome, type StepReport } from '../pipelines/protocol.ts';
import type { RunStatus } from '../pipelines/run-result.ts';
import { bookkeeping, schedule } from './activities.ts';
import type { Course } from './course.ts';
import { outcomeOf, settle } from './outcomes.ts';
import { type RunIdentity, runResult } from './result.ts';

type EndStatus = Extract<RunStatus, 'succeeded' | 'failed' | 'cancelled'>;

const OCCASION: Record<EndStatus, HookOccasion> = { succeeded: 'success', failed: 'failure', cancelled: 'cancel' };

/** Ends a run: gives the steps that never ran their ends, runs the hooks, and writes how the run ended. */
export async function finishRun(course: Course, run: RunIdentity, status: EndStatus): Promise<void> {
  const { state, executionId } = course;
  const cancelled = [...state.ended].filter(([, outcome]) => outcome.status === 'cancelled');
  const ends: Record<string, StepOutcome> = {
    ...Object.fromEntries(cancelled),
    ...state.abandon(status === 'cancelled' ? 'cancelled' : 'skipped'),
  };
  const hooks = state.steps.filter((step) => step.hook);
  const due = hooks.filter((hook) => hook.hook === OCCASION[status] && !state.ended.has(hook.name));
  // What hooks are told of is written before they run: they may ask.
  if (due.length) await bookkeeping[ACTIVITIES.recordRun]({ executionId, ends });
  await Promise.all(due.map((hook) => runHook(course, run, hook, status)));
  for (const hook of hooks) {
    if (state.ended.has(hook.name)) continue;
    const outcome: StepOutcome = { status: 'skipped', reason: `runs only on ${hook.hook}`, attempts: 0, durationMs: 0, outputs: {} };
    state.ended.set(hook.name, outcome);
    ends[hook.name] = outcome;
  }
  const { failure } = state;
  const error = failure && { type: failure.error.type, message: `step '${failure.step}': ${failure.error.message}` };
  await bookkeeping[ACTIVITIES.finishRun]({ executionId, status, endedAt: new Date().toISOString(), ends, ...(error ? { error } : {}) });
}

/** A hook's failure is its own: the run has ended as it has. */
async function runHook(course: Course, run: RunIdentity, hook: SlimStep, status: EndStatus): Promise<void> {
  const { state, executionId, window } = course;
  state.running.add(hook.name);
  const task = {
    executionId,
    step: hook.name,
    inputs: {},
    ...(hook.params ? { params: hook.params } : {}),
    result: runResult(run, state, status),
  };
  let outcome: StepOutcome;
  try {
    const { novel, ...report } = await window.run(() => schedule<StepReport>(course.planned, hook.name, hook, task));
    outcome = report;
  } catch (error) {
    outcome = await settle(executionId, hook.name, outcomeOf(error, hook));
  }
  state.running.delete(hook.name);
  state.ended.set(hook.name, outcome);
}
