import { sha256OfJson } from '../artifacts/hash.ts';
import { readJson } from '../artifacts/json.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { findEntries, withValues, writeEntries } from '../metadata/index.ts';
import type { JsonValue } from '../pipelines/json.ts';
import type { BatchTask } from '../pipelines/protocol.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import type { Trial } from './attempt.ts';
import { type CacheKey, cacheKey, cachePolicy, effectiveParams } from './cache-key.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { StepCallResult } from './step-runner.ts';
import { stepStore } from './step-store.ts';

/** What one item's call gave: plain data, by output. */
type ItemOutputs = Record<string, JsonValue>;

// Larger results would be files of their own, thousands of them: such items are done again.
const LARGEST = 4 * 1024;
// Arrays that the last batches came from: the batches of a map share one.
const recent = new Map<string, Promise<JsonValue>>();
const KEPT = 4;

/** A batch's items as the cache knows them. */
export interface BatchItems {
  /** Results that earlier runs made, by the item's place in the batch. */
  known: Record<number, ItemOutputs>;
  /** Keeps what the batch made anew. */
  keep(result: StepCallResult): Promise<void>;
}

/** Asks the cache for each item of a batch; undefined where it is off. */
export async function batchItems(deps: ActivityDependencies, trial: Trial, task: BatchTask): Promise<BatchItems | undefined> {
  const { step, run, served } = trial;
  const policy = cachePolicy(step, run.request);
  const items = step.map && task.inputs[step.map.items];
  if (!policy.write || !items || !step.map) return undefined;
  const { [step.map.items]: _, ...rest } = task.inputs;
  const params = effectiveParams(served.pipeline, step, run.params);
  const array = (await itemsOf(deps, items, stepStore(deps, run.plan, step))) as JsonValue[];
  const keys = array.slice(task.batch.from, task.batch.to).map((item) => itemKey(step, rest, item, params));
  const found = policy.read
    ? await findEntries(
        deps.db,
        keys.map(({ key }) => key),
      )
    : new Map();
  const known: Record<number, ItemOutputs> = {};
  for (const [i, { key }] of keys.entries()) {
    const hit = found.get(key);
    if (hit)
      known[i] = Object.fromEntries(
        Object.entries(hit.outputs as Record<string, ArtifactRef>).map(([name, ref]) => [name, ref.value as JsonValue]),
      );
  }
  return { known, keep: (result) => keepItems(deps, trial, keys, result) };
}

function itemKey(step: Trial['step'], rest: Record<string, ArtifactRef>, item: JsonValue, params: Record<string, JsonValue>): CacheKey {
  return cacheKey(step, { ...rest, item: { sha256: sha256OfJson(item), type: 'json', size: 0 } }, params);
}

async function itemsOf(deps: ActivityDependencies, ref: ArtifactRef, store: ArtifactStore): Promise<JsonValue> {
  let array = recent.get(ref.sha256);
  if (!array) {
    array = withValues(deps.db, { ref }).then(({ ref: whole }) => readJson(whole ?? ref, store));
    array.catch(() => recent.delete(ref.sha256));
    recent.set(ref.sha256, array);
    const [oldest] = recent.keys();
    if (recent.size > KEPT && oldest !== undefined) recent.delete(oldest);
  }
  return array;
}

async function keepItems(
  deps: ActivityDependencies,
  { key, step, served }: Trial,
  keys: readonly CacheKey[],
  result: StepCallResult,
): Promise<void> {
  if (!result.ok || !result.fresh) return;
  const { ttlMs } = step.cache || {};
  const made = Object.entries(result.fresh).flatMap(([place, outputs]) => {
    const item = keys[Number(place)];
    return item && JSON.stringify(outputs).length <= LARGEST ? [{ ...item, outputs: refsOf(outputs) }] : [];
  });
  await writeEntries(deps.db, made, {
    pipeline: served.pipeline.name,
    step: step.name,
    runId: key.runId,
    executionId: key.executionId,
    ...(ttlMs === undefined ? {} : { ttlMs }),
  });
}

function refsOf(outputs: ItemOutputs): Record<string, ArtifactRef> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => {
      const text = JSON.stringify(value);
      return [name, { sha256: sha256OfJson(value), type: 'json', size: Buffer.byteLength(text), value }];
    }),
  );
}
