import { mkdirSync } from 'node:fs';
import type { StepCallResult } from '../../activities/step-runner.ts';
import { loadInput } from '../../artifacts/materialize.ts';
import type { ArtifactStore } from '../../artifacts/store.ts';
import { findPipeline } from '../../loader/find-pipeline.ts';
import { loadModule } from '../../loader/load-module.ts';
import { NonRetryableError } from '../../pipelines/errors.ts';
import { hooksOf } from '../../pipelines/hooks.ts';
import { hint } from '../../pipelines/names.ts';
import type { AnyPipeline } from '../../pipelines/pipeline.ts';
import type { AnyStep } from '../../pipelines/step.ts';
import { storeOf } from '../../stacks/stores/stack-stores.ts';
import type { ChildEvent, ChildTask } from '../step-pool.ts';
import { ABORT_SIGNAL } from '../step-signals.ts';
import { callBatch } from './call-batch.ts';
import { describeFailure } from './describe-failure.ts';
import { keepOutputs } from './keep-outputs.ts';
import { stepRun } from './step-run.ts';

/** A call under way: what its parts share. */
export interface Call {
  task: ChildTask;
  step: AnyStep;
  store: ArtifactStore;
  signal: AbortSignal;
  emit(event: ChildEvent): void;
}

/** Runs one step: fetches its inputs, calls its function, keeps its outputs. Whatever goes wrong is part of the result. */
export async function callStep(task: ChildTask, emit: (event: ChildEvent) => void): Promise<StepCallResult> {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error(`step '${task.step}' was asked to stop`));
  process.on(ABORT_SIGNAL, abort);
  // A process runs one step at a time, so the variable is that step's, and its own children's.
  const before = process.env.TRACEPARENT;
  if (task.traceparent !== undefined) process.env.TRACEPARENT = task.traceparent;
  emit({ kind: 'accepted', pid: process.pid });
  try {
    const step = await findStep(task);
    return await makeCall({ task, step, store: storeOf(task.store), signal: controller.signal, emit });
  } catch (error) {
    return { ok: false, failure: describeFailure(error) };
  } finally {
    process.off(ABORT_SIGNAL, abort);
    if (before === undefined) delete process.env.TRACEPARENT;
    else process.env.TRACEPARENT = before;
  }
}

/** Makes a call whose step is at hand. What the function throws comes out. */
export async function makeCall(call: Call): Promise<StepCallResult> {
  const { task, step, emit } = call;
  const [inputs, params] = [await loadInputs(call), parseParams(call)];
  emit({ kind: 'started' });
  if (task.fallbackFor && typeof step.onFailure === 'function') {
    const { type, message } = task.fallbackFor;
    return { ok: true, outputs: await keepOutputs(call, await step.onFailure({ name: type, message }, { ...inputs, ...params } as never)) };
  }
  if (step.when && !task.batch && !(await step.when(inputs as never, params as never))) return { ok: true, skipped: true, outputs: {} };
  if (task.decide) return { ok: true, outputs: {} };
  if (task.batch) return callBatch(call, { ...inputs, ...params });
  const value = await step.fn({ ...inputs, ...params } as never, stepRun(call));
  return { ok: true, outputs: await keepOutputs(call, value) };
}

async function findStep(task: ChildTask): Promise<AnyStep> {
  const loaded = await loadModule(task.module);
  const named = loaded.pipelines.filter(({ pipeline }) => pipeline.name === task.pipeline);
  const exported = named.filter(({ exportName }) => exportName === task.exportName);
  const found = (exported.length ? exported : named).map(({ pipeline }) => stepOf(pipeline, task.step));
  const [step] = found;
  if (found.some((other) => other !== step)) {
    throw new NonRetryableError(
      `${task.module} holds several pipelines named '${task.pipeline}' with different steps '${task.step}': rename them`,
    );
  }
  if (step) return step;
  const { pipeline } = findPipeline(loaded, task.pipeline);
  const names = pipeline.steps.map((candidate) => candidate.name);
  throw new NonRetryableError(`pipeline '${task.pipeline}' in ${task.module} has no step '${task.step}'${hint(task.step, names)}`);
}

function stepOf(pipeline: AnyPipeline, name: string): AnyStep | undefined {
  return pipeline.steps.find((candidate) => candidate.name === name) ?? hooksOf(pipeline).find((hook) => hook.name === name)?.step;
}

async function loadInputs({ step, task, store }: Call): Promise<Record<string, unknown>> {
  const loaded = Object.entries(step.inputs).map(async ([name, type]) => {
    const ref = task.inputs[name];
    // An optional input whose producer was skipped. The plan says which may be missing: it was checked before.
    if (!ref) return [name, undefined];
    // Files and folders are copied there; other types leave it alone.
    if (/^(file|directory|custom|model|dataset|featureSet|report)/.test(ref.type)) mkdirSync(task.workDir, { recursive: true });
    return [name, await loadInput(type, ref, { store, workDir: task.workDir, input: name })];
  });
  return Object.fromEntries(await Promise.all(loaded));
}

function parseParams({ step, task }: Call): Record<string, unknown> {
  return Object.fromEntries(Object.entries(step.params).map(([name, type]) => [name, type.parse(task.params[name])]));
}
