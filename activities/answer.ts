import { isStored } from '../artifacts/blobs.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import {
  type Answer,
  type CacheHit,
  dropEntries,
  entriesOfCode,
  findEntries,
  type RunKey,
  type StepEnd,
  writeAnswers,
} from '../metadata/index.ts';
import type { JsonValue } from '../pipelines/json.ts';
import { isAssetInput, type Plan, type PlanStep } from '../pipelines/plan.ts';
import type { StepOutcome } from '../pipelines/protocol.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { cacheKey, cachePolicy, effectiveParams } from './cache-key.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { reportEnds } from './observer.ts';
import type { ServedPipeline } from './served-pipelines.ts';
import { stepStore } from './step-store.ts';

/** What asking the cache for a run's steps needs to know of the run. */
export interface Asking {
  run: RunKey;
  request: RunRequest;
  params: Record<string, JsonValue>;
  served: ServedPipeline;
  /** Its stacks. */
  plan: Pick<Plan, 'stack' | 'stacks'>;
}

/**
 * Answers every step of a plan that the cache can answer, from the first on, until nothing more hits: one query brings
 * what the same code made before, the walk is in memory, and what is left is asked for level by level.
 */
export async function answerPlan(
  deps: ActivityDependencies,
  asking: Asking,
  plan: Plan,
  done: Record<string, StepEnd>,
): Promise<Record<string, StepEnd>> {
  const open = plan.steps.filter((step) => !done[step.name] && isAskable(step, asking.request));
  if (!open.length) return {};
  const known = await entriesOfCode(deps.db, [...new Set(open.map((step) => step.codeIdentity ?? ''))]);
  const ends: Record<string, StepEnd> = { ...done };
  const answers: Record<string, Answer> = {};
  let left = open;
  for (;;) {
    // Steps stand in order, so one pass answers whole chains.
    const missed: { step: PlanStep; key: string; inputs: Record<string, ArtifactRef> }[] = [];
    for (const step of left) {
      if (!step.dependsOn.every((name) => ['cached', 'succeeded'].includes(ends[name]?.status ?? ''))) continue;
      const inputs = inputsOf(step, ends);
      const { key } = cacheKey(step, inputs, effectiveParams(asking.served.pipeline, step, asking.params));
      const hit = known.get(key);
      if (!hit) missed.push({ step, key, inputs });
      else if (await isWhole(deps, hit, stepStore(deps, plan, step))) {
        ends[step.name] = endOf(hit);
        answers[step.name] = { key, end: endOf(hit), inputs };
      } else known.delete(key);
    }
    left = left.filter((step) => !answers[step.name]);
    const found = await findEntries(
      deps.db,
      missed.map(({ key }) => key),
    );
    if (!found.size) break;
    for (const [key, hit] of found) known.set(key, hit);
  }
  return written(deps, asking.run, answers);
}

/** Answers steps that could start now, where the cache can. */
export async function answerSteps(
  deps: ActivityDependencies,
  asking: Asking,
  steps: readonly { step: PlanStep; inputs: Record<string, ArtifactRef> }[],
): Promise<Record<string, StepOutcome>> {
  const asked = steps
    .filter(({ step }) => isAskable(step, asking.request))
    .map(({ step, inputs }) => ({ step, inputs, ...cacheKey(step, inputs, effectiveParams(asking.served.pipeline, step, asking.params)) }));
  const found = await findEntries(
    deps.db,
    asked.map(({ key }) => key),
  );
  const answers: Record<string, Answer> = {};
  for (const { step, inputs, key } of asked) {
    const hit = found.get(key);
    if (hit && (await isWhole(deps, hit, stepStore(deps, asking.plan, step)))) answers[step.name] = { key, end: endOf(hit), inputs };
  }
  return written(deps, asking.run, answers);
}

async function written(deps: ActivityDependencies, run: RunKey, answers: Record<string, Answer>): Promise<Record<string, StepEnd>> {
  const first = await writeAnswers(deps.db, run, answers);
  const ends = Object.fromEntries(Object.entries(answers).map(([name, { end }]) => [name, end]));
  reportEnds(deps.observer, ends, first);
  return ends;
}

/** How a step ends that the cache answers. */
export function endOf({ outputs, facts }: CacheHit): StepEnd {
  // That the run which made it had planned otherwise is that run's story.
  const { codeChanged, ...others } = facts ?? {};
  return { status: 'cached', attempts: 0, durationMs: 0, ...others, outputs };
}

/** A hit counts only if all that it gives is still there; an entry that gives less is removed. */
export async function isWhole(deps: ActivityDependencies, hit: CacheHit, store: ArtifactStore): Promise<boolean> {
  for (const ref of Object.values(hit.outputs)) {
    if (await isStored(ref, store)) continue;
    await dropEntries(deps.db, [hit.key]);
    return false;
  }
  return true;
}

/** Steps whose condition is the user's code are asked for only once it has said yes, by the worker that runs it. */
function isAskable(step: PlanStep, request: RunRequest): boolean {
  return !step.conditional && !step.approval && !step.hook && cachePolicy(step, request).read;
}

function inputsOf(step: PlanStep, ends: Record<string, StepEnd>): Record<string, ArtifactRef> {
  const inputs: Record<string, ArtifactRef> = {};
  for (const [name, source] of Object.entries(step.inputs)) {
    const ref = isAssetInput(source) ? source.ref : ends[source.step]?.outputs[source.output];
    if (ref) inputs[name] = ref;
  }
  return inputs;
}
