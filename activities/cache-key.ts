import { canonicalJson } from '../artifacts/canonical.ts';
import { sha256OfJson } from '../artifacts/hash.ts';
import type { KeyParts } from '../metadata/index.ts';
import type { JsonValue } from '../pipelines/json.ts';
import type { AnyPipeline } from '../pipelines/pipeline.ts';
import type { PlanStep } from '../pipelines/plan.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';

// Part of every key: to be raised when keys are made in another way.
const KEY_VERSION = 1;

/** A cache key, and what it was made of. */
export interface CacheKey {
  key: string;
  parts: KeyParts;
}

/** The key of a step's result: its code, the artifacts it takes, and those of its params that count. */
export function cacheKey(step: PlanStep, inputs: Record<string, ArtifactRef>, params: Record<string, JsonValue>): CacheKey {
  const { version, ignore = [] } = step.cache || {};
  const parts: KeyParts = {
    code: step.codeIdentity ?? '',
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, ref]) => [name, inputHash(ref)])),
    params: Object.fromEntries(Object.entries(params).filter(([name]) => !ignore.includes(name))),
    ...(version === undefined ? {} : { version }),
  };
  return { key: sha256OfJson([KEY_VERSION, step.name, parts.code, parts.inputs, parts.params, version ?? null]), parts };
}

/** An asset is more than its bytes: steps see its name, version and properties too. */
function inputHash({ sha256, asset }: ArtifactRef): string {
  if (!asset) return sha256;
  const { kind, name, version = null, properties, tags } = asset;
  return sha256OfJson([sha256, kind, name, version, properties, tags]);
}

/** What a run may do with the cache for one of its steps. */
export function cachePolicy(step: PlanStep, request: Pick<RunRequest, 'cache' | 'recompute'>): { read: boolean; write: boolean } {
  if (step.cache === false || request.cache === false || !step.codeIdentity) return { read: false, write: false };
  return { read: request.cache !== 'refresh' && !request.recompute?.includes(step.name), write: true };
}

/**
 * The values that a step's params come to, defaults filled in: so that saying a default is the same as leaving it out.
 * A value whose parsed form JSON does not know stands for itself.
 */
export function effectiveParams(pipeline: AnyPipeline, step: PlanStep, params: Record<string, JsonValue>): Record<string, JsonValue> {
  const types = pipeline.steps.find((each) => each.name === step.name)?.params ?? {};
  return Object.fromEntries(
    step.params.map((name) => {
      const given = Object.hasOwn(params, name) ? params[name] : undefined;
      return [name, asJson(types[name]?.safeParse(given).data) ?? given ?? null];
    }),
  );
}

function asJson(value: unknown): JsonValue | undefined {
  try {
    return value === undefined ? undefined : (JSON.parse(canonicalJson(value)) as JsonValue);
  } catch {
    return undefined;
  }
}
