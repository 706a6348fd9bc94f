import { activityInfo, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { dropEnd, FALLBACK, type StepKey, WHOLE } from '../metadata/index.ts';
import { isAssetInput } from '../pipelines/plan.ts';
import type { BatchTask, SegmentReport, SegmentTask, StepReport, StepTask, Task } from '../pipelines/protocol.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { type Trial, tryStep } from './attempt.ts';
import { asServed } from './code-change.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { GroupSlot } from './group-slot.ts';
import { beat } from './heartbeat.ts';
import { withinBudget } from './inline-budget.ts';
import { batchItems } from './item-cache.ts';
import type { RunContexts } from './run-context.ts';
import { servedPipeline } from './served-pipeline.ts';

/** Runs what the workflow asks for: a step, its fallback, a hook, a batch of a map, or a segment. */
export async function runTask(deps: ActivityDependencies, contexts: RunContexts, task: Task): Promise<StepReport | SegmentReport> {
  const stopBeating = beat(Context.current());
  const slot = new GroupSlot(deps);
  try {
    if ('segment' in task) return await runSegment(deps, contexts, task, slot);
    const trial = { ...(await trialOf(deps, contexts, task)), slot };
    if (task.replace !== undefined) await dropEnd(deps.db, trial.key, task.replace);
    const report = await tryStep(deps, 'batch' in task ? await withKnownItems(deps, trial, task) : trial);
    return withinBudget({ report }).report ?? report;
  } finally {
    stopBeating();
    await slot.release();
  }
}

/** A batch of a map, with those of its items that the cache has. */
async function withKnownItems(deps: ActivityDependencies, trial: Trial, task: BatchTask): Promise<Trial> {
  const items = trial.call.batch && (await batchItems(deps, trial, task));
  if (!trial.call.batch || !items) return trial;
  return { ...trial, call: { batch: { ...trial.call.batch, known: items.known } }, onMade: items.keep };
}

async function trialOf(deps: ActivityDependencies, contexts: RunContexts, task: StepTask | BatchTask): Promise<Trial> {
  const info = activityInfo();
  const run = { runId: info.workflowExecution?.workflowId ?? '', executionId: task.executionId };
  const context = await contexts.of(run);
  const served = await servedPipeline(deps, info.workflowType ?? '', context.request.codeHash, 'step');
  const planned = context.steps.get(task.step);
  if (!planned) throw ApplicationFailure.nonRetryable(`the run's plan has no step '${task.step}'`, 'UnknownStep');
  const { step, facts } = await asServed(deps, served, planned);
  const key: StepKey = { ...run, step: task.step };
  const trial: Trial = { key, task, step, run: context, served, call: {}, facts };
  if ('batch' in task) {
    const { retry, map } = step;
    const collect = map?.onItemError === 'collect';
    // Items are tried again one by one, inside the batch: a failure that comes out of it is final.
    return { ...trial, key: { ...key, index: task.batch.index }, call: { batch: { ...task.batch, retry, collect } } };
  }
  if (task.fallbackFor) {
    const { attempts, durationMs, ...error } = task.fallbackFor;
    const asFallback = { ...facts, fallback: true as const, error };
    return {
      ...trial,
      key: { ...key, index: FALLBACK },
      endIndex: WHOLE,
      facts: asFallback,
      call: { fallbackFor: { ...error, attempts, durationMs } },
    };
  }
  if (task.result) return { ...trial, call: { result: task.result } };
  return { ...trial, failureIsNoEnd: step.onFailure === 'fallback' };
}

/** Runs steps one after the other. Each is committed as it ends: an attempt that finds an end goes on behind it. */
async function runSegment(
  deps: ActivityDependencies,
  contexts: RunContexts,
  { segment }: SegmentTask,
  slot: GroupSlot,
): Promise<SegmentReport> {
  const made = new Map<string, Record<string, ArtifactRef>>();
  const reports: Record<string, StepReport> = {};
  for (const task of segment) {
    Context.current().cancellationSignal.throwIfAborted();
    const trial = await trialOf(deps, contexts, task);
    const inputs = { ...task.inputs };
    for (const [name, source] of Object.entries(trial.step.inputs)) {
      const ref = isAssetInput(source) ? undefined : made.get(source.step)?.[source.output];
      if (ref) inputs[name] = ref;
    }
    const report = await tryStep(deps, { ...trial, task: { ...task, inputs }, slot });
    made.set(task.step, report.outputs);
    reports[task.step] = report;
  }
  return { reports: withinBudget(reports) };
}
