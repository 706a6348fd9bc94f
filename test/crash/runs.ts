import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { eq } from 'drizzle-orm';
import { newRunId, startRun } from '../../client/runs.ts';
import { runs } from '../../metadata/schema.ts';
import type { JsonValue } from '../../pipelines/json.ts';
import type { RunResult } from '../../pipelines/run-result.ts';
import type { Plant } from './plant.ts';

const PAUSE_MS = 200;

/** Repeats what asks a plant's services until they answer: they are killed and come back. */
export async function persist<T>(plant: Plant, ask: () => Promise<T>, isAnswer: (error: unknown) => boolean = () => false): Promise<T> {
  plant.asking++;
  try {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (isAnswer(error) || plant.closed) throw error;
        await sleep(PAUSE_MS);
      }
    }
  } finally {
    plant.asking--;
  }
}

/** Starts a run; an id that was taken before its answer came is the same run. */
export function start(
  plant: Plant,
  pipeline: string,
  params: Record<string, JsonValue>,
  runId = newRunId(pipeline),
): Promise<WorkflowHandle> {
  return persist(plant, () => startRun(plant.client, { pipeline, taskQueue: plant.name, request: { params }, runId }));
}

/** Waits for a run's end, whatever happens to Temporal meanwhile. */
export async function resultOf(plant: Plant, handle: WorkflowHandle): Promise<RunResult> {
  try {
    return (await persist(
      plant,
      () => handle.result(),
      (error) => error instanceof WorkflowFailedError,
    )) as RunResult;
  } catch (error) {
    const [result] = ((error as WorkflowFailedError).cause as { details?: [RunResult?] } | undefined)?.details ?? [];
    if (!result) throw error;
    return result;
  }
}

/** Waits until a run asks for an approval, then gives it after a while: by update, or by signal. */
export async function approve(plant: Plant, runId: string, step: string, way: 'update' | 'signal', afterMs = 0): Promise<void> {
  const asks = async () =>
    (await plant.db.orm.select({ waiting: runs.waiting }).from(runs).where(eq(runs.runId, runId)))[0]?.waiting?.[step];
  while (!(await persist(plant, asks))) await sleep(PAUSE_MS);
  await sleep(afterMs);
  const handle = plant.client.workflow.getHandle(runId);
  const decision = { step, by: 'the suite', comment: 'fine' };
  if (way === 'signal') return persist(plant, () => handle.signal('approve', decision));
  // One id for all tries: Temporal gives the answer of the first that it took.
  const update = () => handle.executeUpdate('approve', { args: [decision], updateId: `approve-${step}` });
  const isRefused = (error: unknown) => error instanceof WorkflowUpdateFailedError;
  await persist(plant, update, isRefused).catch((error) => {
    // Taken by a try whose answer was lost together with the memory of its id.
    if (!/approved already, by the suite/.test(String(error.cause?.message))) throw error;
  });
}

/** What must be the same however often a run was disturbed. */
export function essence(result: RunResult): unknown {
  const steps = Object.entries(result.steps).map(([name, { status, reason, outputs, error, fallback, map, approval }]) => {
    const { at, ...decided } = approval ?? { at: '' };
    const made = Object.entries(outputs).map(([output, { sha256, size, type, value }]) => [output, { sha256, size, type, value }]);
    return [name, { status, reason, error, fallback, map, approval: approval && decided, outputs: Object.fromEntries(made.sort()) }];
  });
  return JSON.parse(JSON.stringify({ status: result.status, steps: Object.fromEntries(steps.sort()) }));
}

/** Runs a pipeline to its end. */
export const run = async (plant: Plant, pipeline: string, params: Record<string, JsonValue>): Promise<RunResult> =>
  resultOf(plant, await start(plant, pipeline, params));
