import { ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { SlimStep } from '../pipelines/plan.ts';
import { ACTIVITIES, type SegmentReport, type StepReport, type StepTask } from '../pipelines/protocol.ts';
import { bookkeeping, schedule } from './activities.ts';
import type { Course } from './course.ts';
import { runMap } from './map.ts';
import { outcomeOf, settle } from './outcomes.ts';

/** Runs the steps of a unit to their ends. Never rejects: what goes wrong is the steps' outcome. */
export async function runUnit(course: Course, steps: SlimStep[]): Promise<void> {
  const [first] = steps;
  if (!first) return;
  if (steps.length > 1) return runSegment(course, steps);
  if (first.approval) return course.approvals.ask(course, first);
  if (first.map) return runMap(course, first);
  return runStep(course, first);
}

/** The task of a step, with its inputs as far as they are there. */
export function taskOf(course: Course, step: SlimStep): StepTask {
  return {
    executionId: course.executionId,
    step: step.name,
    inputs: course.state.inputsOf(step),
    ...(step.params ? { params: step.params } : {}),
  };
}

async function runStep(course: Course, step: SlimStep, repaired = false): Promise<void> {
  const task = taskOf(course, step);
  try {
    course.state.endWith(step.name, await course.window.run(() => schedule<StepReport>(course.planned, step.name, step, task)));
  } catch (error) {
    const failed = outcomeOf(error, step);
    if (!repaired && (await repairInput(course, step, error))) return runStep(course, step, true);
    if (step.onFailure === 'fallback' && !isCancellation(error)) return runFallback(course, step, task, failed);
    course.state.end(step.name, failed.status === 'cancelled' ? failed : await settle(course.executionId, step.name, failed));
  }
}

/** Has the step that made a damaged artifact make it again, once. False where the failure is another, or that fails too. */
async function repairInput(course: Course, step: SlimStep, error: unknown): Promise<boolean> {
  const [facts] = failureDetails(error);
  const artifact = facts?.artifact;
  const source = Object.values(step.inputs).find(
    (input) => course.state.ended.get(input.step)?.outputs[input.output]?.sha256 === artifact,
  )?.step;
  const maker = course.state.steps.find((each) => each.name === source);
  if (artifact === undefined || !maker || maker.map || maker.approval) return false;
  try {
    const task = { ...taskOf(course, maker), replace: artifact };
    const place = { ...maker, summary: `makes a damaged artifact again, for ${step.name}` };
    const { novel, ...outcome } = await course.window.run(() => schedule<StepReport>(course.planned, maker.name, place, task));
    course.state.ended.set(maker.name, outcome);
    return true;
  } catch {
    return false;
  }
}

/** Has a function stand in for a step that has failed for good. */
async function runFallback(course: Course, step: SlimStep, task: StepTask, failed: ReturnType<typeof outcomeOf>): Promise<void> {
  const { attempts, durationMs, error = { type: 'Error', message: 'failed' } } = failed;
  const { totalTimeoutMs, ...unlimited } = step;
  try {
    const fallback = { ...task, fallbackFor: { ...error, attempts, durationMs } };
    const report = await course.window.run(() =>
      schedule<StepReport>(course.planned, step.name, { ...unlimited, summary: `fallback of ${step.name}` }, fallback),
    );
    course.state.endWith(step.name, report);
  } catch (second) {
    const outcome = outcomeOf(second, step);
    course.state.end(step.name, outcome.status === 'cancelled' ? outcome : await settle(course.executionId, step.name, outcome));
  }
}

/** Runs steps one after the other on one worker. Each is committed as it ends, so the rows say how far they came. */
async function runSegment(course: Course, steps: SlimStep[]): Promise<void> {
  const { executionId, state } = course;
  const place = {
    ...(steps[0] as SlimStep),
    summary: steps
      .map((step) => step.name)
      .join(', ')
      .slice(0, 120),
  };
  const segment = steps.map((step) => taskOf(course, step));
  let failure: unknown;
  try {
    const { reports } = await course.window.run(() =>
      schedule<SegmentReport>(course.planned, place.group ?? place.name, place, { executionId, segment }),
    );
    for (const [name, report] of Object.entries(reports)) state.endWith(name, report);
    return;
  } catch (error) {
    failure = error;
  }
  const [facts] = failureDetails(failure);
  const ends = await bookkeeping[ACTIVITIES.readSteps]({ executionId, steps: steps.map((step) => step.name) }).catch(
    () => ({}) as Record<string, StepReport>,
  );
  for (const step of steps) {
    const end = ends[step.name];
    if (end) state.end(step.name, end);
    else if (isCancellation(failure)) state.end(step.name, outcomeOf(failure, step));
    // The steps behind the one that failed are left to the run's end, which gives the reason.
    else if (!facts?.step || facts.step === step.name) {
      state.end(step.name, await settle(executionId, step.name, outcomeOf(failure, step)));
      if (facts?.step) break;
    }
  }
  for (const step of steps) state.running.delete(step.name);
}

function failureDetails(error: unknown): { step?: string; artifact?: string }[] {
  const cause = (error as { cause?: unknown }).cause;
  return cause instanceof ApplicationFailure ? ((cause.details ?? []) as { step?: string; artifact?: string }[]) : [];
}
