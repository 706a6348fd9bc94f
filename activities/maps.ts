import { activityInfo } from '@temporalio/activity';
import { readJson } from '../artifacts/json.ts';
import { saveList } from '../artifacts/list.ts';
import {
  findPlan,
  findRun,
  type NewEntry,
  type RunRow,
  readBatches,
  readEnd,
  type StepEnd,
  type StepKey,
  withValues,
  writeStepEnd,
} from '../metadata/index.ts';
import { NonRetryableError } from '../pipelines/errors.ts';
import type { PlanStep } from '../pipelines/plan.ts';
import type { CloseMapArgs, OpenedMap, OpenMapArgs, StepOutcome } from '../pipelines/protocol.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { cacheKey, cachePolicy, effectiveParams } from './cache-key.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { reportEnds } from './observer.ts';
import type { RunContexts } from './run-context.ts';
import { stepStore } from './step-store.ts';

const ERRORS_SHOWN = 20;

const keyOf = (args: { executionId: string; step: string }) => ({
  runId: activityInfo().workflowExecution?.workflowId ?? '',
  executionId: args.executionId,
  step: args.step,
});

/** How many items a map has, and which of its batches have been done: by an earlier worker, or before the run continued as new. */
export async function openMap(deps: ActivityDependencies, contexts: RunContexts, args: OpenMapArgs): Promise<OpenedMap> {
  const done = await readBatches(deps.db, keyOf(args));
  return { items: args.items.rows ?? (await countItems(deps, contexts, args)), done: done.map(({ index }) => index) };
}

async function countItems(deps: ActivityDependencies, contexts: RunContexts, { items, step, ...args }: OpenMapArgs): Promise<number> {
  const run = await contexts.of(keyOf({ ...args, step }));
  const store = stepStore(deps, run.plan, run.steps.get(step));
  const { items: ref } = await withValues(deps.db, { items });
  const array = ref && (await readJson(ref, store));
  if (!Array.isArray(array)) throw new NonRetryableError(`step '${step}' maps over its items, but they are no array`);
  return array.length;
}

/** Ends a map: its outputs list what the batches made, in the order of the items. */
export async function closeMap(deps: ActivityDependencies, args: CloseMapArgs): Promise<StepOutcome> {
  const key = keyOf(args);
  const ended = await readEnd(deps.db, key);
  if (ended) return ended;
  const run = await findRun(deps.db, key.runId, key.executionId);
  const plan = run && (await findPlan(deps.db, run.planHash));
  const step = plan?.steps.find(({ name }) => name === args.step);
  const batches = await readBatches(deps.db, key);
  const store = plan ? stepStore(deps, plan, step) : deps.store;
  const outputs: Record<string, ArtifactRef> = {};
  for (const output of Object.keys(step?.outputs ?? {})) {
    const parts = batches.flatMap(({ end }) => end.outputs[output] ?? []);
    outputs[output] = await saveList(parts, { store, output });
  }
  const errors = batches.flatMap(({ end }) => end.map?.errors ?? []).slice(0, ERRORS_SHOWN);
  const codeChanged = batches.find(({ end }) => end.codeChanged)?.end.codeChanged;
  const end: StepEnd = {
    status: 'succeeded',
    attempts: Math.max(1, ...batches.map(({ end }) => end.attempts)),
    durationMs: args.durationMs,
    map: {
      items: args.items,
      failed: sumOf(batches, 'failed'),
      ...(sumOf(batches, 'cached') ? { cached: sumOf(batches, 'cached') } : {}),
      ...(errors.length ? { errors } : {}),
    },
    ...(codeChanged ? { codeChanged } : {}),
    outputs,
  };
  // Made by two codes, it is the result of neither.
  const entry = end.map?.failed || codeChanged ? undefined : wholeEntry(deps, run, step, key, args.inputs);
  const written = await writeStepEnd(deps.db, key, end, args.inputs, entry);
  reportEnds(deps.observer, { [args.step]: written }, [args.step]);
  return written;
}

const sumOf = (batches: readonly { end: StepEnd }[], count: 'failed' | 'cached') =>
  batches.reduce((sum, { end }) => sum + (end.map?.[count] ?? 0), 0);

/** What later runs may reuse of the whole map. */
function wholeEntry(
  deps: ActivityDependencies,
  run: RunRow | undefined,
  step: PlanStep | undefined,
  key: StepKey,
  inputs: Record<string, ArtifactRef>,
): NewEntry | undefined {
  const served = run && deps.pipelines.get(run.pipeline);
  if (!run || !step || !served || !cachePolicy(step, run.request).write) return undefined;
  const { ttlMs } = step.cache || {};
  return {
    ...cacheKey(step, inputs, effectiveParams(served.pipeline, step, run.params)),
    pipeline: run.pipeline,
    holder: `${key.runId}\n${key.executionId}\n${key.step}`,
    ...(ttlMs === undefined ? {} : { ttlMs }),
  };
}
