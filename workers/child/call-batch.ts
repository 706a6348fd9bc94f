import { setTimeout as wait } from 'node:timers/promises';
import { judge } from '../../activities/retry-policy.ts';
import type { BatchCall, StepCallResult } from '../../activities/step-runner.ts';
import { encodeJson, saveJsonValue } from '../../artifacts/json.ts';
import { NonRetryableError, StepError } from '../../pipelines/errors.ts';
import type { JsonValue } from '../../pipelines/json.ts';
import type { ArtifactRef, ErrorInfo } from '../../pipelines/run-result.ts';
import type { MapOptions } from '../../pipelines/step.ts';
import type { Call } from './call-step.ts';
import { describeFailure } from './describe-failure.ts';
import { stepRun } from './step-run.ts';

// How often a batch notes how far it is: more would cost more than doing the items again.
const NOTE_MS = 500;
const ERRORS_KEPT = 20;

/** How far a batch is: what an attempt that follows goes on from. */
interface Progress {
  next: number;
  outputs: Record<string, (JsonValue | null)[]>;
  failed: number;
  errors: { index: number; error: ErrorInfo }[];
}

/** What was made anew, by the item's place in the batch: for the cache. */
type Fresh = Record<number, Record<string, JsonValue>>;

/** Calls a map's function for each item of a batch, one after the other. */
export async function callBatch(call: Call, args: Record<string, unknown>): Promise<StepCallResult> {
  const { task, step, store, emit } = call;
  const { batch } = task;
  const { map } = step;
  if (!batch || !map) throw new NonRetryableError(`step '${step.name}' is no map: was the code changed?`);
  const { [map.items]: all, ...rest } = args;
  // A copy: the array is kept for the next batch, and a step may change what it is given.
  const items = structuredClone((all as unknown[]).slice(batch.from, batch.to));
  const run = stepRun(call);
  const progress: Progress = ((await run.checkpoint.load()) as never) ?? {
    next: 0,
    outputs: Object.fromEntries(Object.keys(map.itemOutputs).map((name) => [name, []])),
    failed: 0,
    errors: [],
  };
  const fresh: Fresh = {};
  const { known = {} } = batch;
  let noted = Date.now();
  while (progress.next < items.length) {
    const index = batch.from + progress.next;
    const hit = known[progress.next];
    const made: Made = hit ? { ok: true, outputs: hit } : await callItem(call, map, batch, { ...rest, item: items[progress.next] }, index);
    if (made.ok && !hit) fresh[progress.next] = made.outputs;
    for (const [name, values] of Object.entries(progress.outputs)) values.push(made.ok ? (made.outputs[name] ?? null) : null);
    if (!made.ok) {
      progress.failed++;
      if (progress.errors.length < ERRORS_KEPT) progress.errors.push({ index, error: made.error });
    }
    progress.next++;
    if (Date.now() - noted < NOTE_MS) continue;
    await run.checkpoint.save(progress as never);
    emit({ kind: 'progress', fraction: progress.next / items.length, message: `item ${index}` });
    noted = Date.now();
  }
  const outputs: Record<string, ArtifactRef> = {};
  for (const [name, values] of Object.entries(progress.outputs)) {
    outputs[name] = await saveJsonValue('json', values, { store, workDir: task.workDir, output: name });
  }
  const errors = progress.errors.length ? { errors: progress.errors } : {};
  const cached = Object.keys(known).length;
  const counts = { items: items.length, failed: progress.failed, ...(cached ? { cached } : {}), ...errors };
  return { ok: true, outputs, map: counts, fresh };
}

type Made = { ok: true; outputs: Record<string, JsonValue> } | { ok: false; error: ErrorInfo };

/** One item, tried as often as the step says. */
async function callItem(call: Call, map: MapOptions, batch: BatchCall, args: Record<string, unknown>, index: number): Promise<Made> {
  for (let failures = 0; ; failures++) {
    call.signal.throwIfAborted();
    try {
      const value = await map.itemFn(args as never, stepRun(call, { index, attempt: failures + 1 }));
      return { ok: true, outputs: await encodeOutputs(call.step.name, map, value) };
    } catch (error) {
      call.signal.throwIfAborted();
      const failure = describeFailure(error);
      console.warn(`item ${index}, attempt ${failures + 1}: ${failure.stack ?? failure.message}`);
      const verdict = judge(failure, batch.retry, failures);
      if (!verdict.final) await wait(verdict.delayMs, undefined, { signal: call.signal });
      else if (batch.collect) return { ok: false, error: { type: failure.type, message: failure.message } };
      else throw new ItemFailed(index, failure.type, failure.message);
    }
  }
}

/** An item of a map that failed for good. Named like what it failed with. */
class ItemFailed extends StepError {
  override readonly code = 'NON_RETRYABLE';

  constructor(index: number, type: string, message: string) {
    super(`item ${index}: ${message}`);
    this.name = type;
  }
}

async function encodeOutputs(step: string, map: MapOptions, value: unknown): Promise<Record<string, JsonValue>> {
  const types = Object.entries(map.itemOutputs);
  if (types.length <= 1) {
    const encoded = types.map(async ([name, type]) => [name, await encodeJson(type, value, name)] as const);
    return Object.fromEntries(await Promise.all(encoded));
  }
  if (typeof value !== 'object' || value === null)
    throw new StepError(`step '${step}' must return an object with its outputs ${Object.keys(map.itemOutputs).join(', ')} for each item`);
  const encoded = types.map(
    async ([name, type]) => [name, await encodeJson(type, (value as Record<string, unknown>)[name], name)] as const,
  );
  return Object.fromEntries(await Promise.all(encoded));
}
