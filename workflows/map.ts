import type { SlimStep } from '../pipelines/plan.ts';
import { ACTIVITIES, type BatchTask, type StepOutcome, type StepReport } from '../pipelines/protocol.ts';
import { bookkeeping, schedule } from './activities.ts';
import { type Course, isFull } from './course.ts';
import { outcomeOf, settle } from './outcomes.ts';
import { taskOf } from './run-unit.ts';

// A batch is a durable task of three events, and up to three more when the workflow wakes for its end alone: 64 of them
// stay below 400 events and leave enough to share out. A batch of many thousand items would be long to do again.
const BATCHES = 64;
const LARGEST_BATCH = 500;

/** Runs a map: its batches as tasks of their own, then one artifact that lists what they made, in the items' order. */
export async function runMap(course: Course, step: SlimStep): Promise<void> {
  const { executionId, state } = course;
  const { map } = step;
  if (!map) return;
  const began = Date.now();
  const task = taskOf(course, step);
  try {
    const items = task.inputs[map.items];
    if (!items) throw new Error(`step '${step.name}' has no items`);
    const opened = await bookkeeping[ACTIVITIES.openMap]({ executionId, step: step.name, items });
    const size = map.batchSize ?? Math.min(LARGEST_BATCH, Math.max(1, Math.ceil(opened.items / BATCHES)));
    const done = new Set(opened.done);
    const batches = Math.ceil(opened.items / size);
    const todo = Array.from({ length: batches }, (_, index) => index).filter((index) => !done.has(index));
    const left = todo.map((index) => ({ ...task, batch: { index, from: index * size, to: Math.min(opened.items, (index + 1) * size) } }));
    await runBatches(course, step, left);
    if (left.length) {
      // The history is full: the run continues as new, and the map goes on with the batches that are left.
      state.running.delete(step.name);
      return;
    }
    const outcome = await bookkeeping[ACTIVITIES.closeMap]({
      executionId,
      step: step.name,
      inputs: task.inputs,
      batches,
      items: opened.items,
      durationMs: Date.now() - began,
    });
    state.end(step.name, outcome);
  } catch (error) {
    const outcome: StepOutcome = { ...outcomeOf(error, step), durationMs: Date.now() - began };
    state.end(step.name, outcome.status === 'cancelled' ? outcome : await settle(executionId, step.name, outcome));
  }
}

/** Takes batches off the list and runs them, a few at a time. After a failure no new one is begun, and it is thrown. */
async function runBatches(course: Course, step: SlimStep, batches: BatchTask[]): Promise<void> {
  let failure: { error: unknown } | undefined;
  const work = async () => {
    while (!failure && !isFull(course)) {
      const task = batches.shift();
      if (!task) return;
      const summary = `items ${task.batch.from} to ${task.batch.to - 1}`;
      try {
        await course.window.run(() => schedule<StepReport>(course.planned, step.name, { ...step, summary }, task));
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(step.map?.concurrency ?? 1, batches.length) }, work));
  if (failure) throw failure.error;
}
