import type { StepCallResult } from '../../activities/step-runner.ts';
import { loadInput, saveOutput } from '../../artifacts/materialize.ts';
import type { ArtifactStore } from '../../artifacts/store.ts';
import { findPipeline } from '../../loader/find-pipeline.ts';
import { loadModule } from '../../loader/load-module.ts';
import { NonRetryableError, OutputInvalid } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import type { AnyStep } from '../../pipelines/step.ts';
import { localStore } from '../../stacks/local-store.ts';
import type { ChildEvent, ChildTask } from '../step-pool.ts';
import { ABORT_SIGNAL } from '../step-signals.ts';
import { describeFailure } from './describe-failure.ts';
import { result as anyResult } from './result-output.ts';
import { stepRun } from './step-run.ts';

/** Runs one step: fetches its inputs, calls its function, keeps its outputs. Whatever goes wrong is part of the result. */
export async function callStep(task: ChildTask, emit: (event: ChildEvent) => void): Promise<StepCallResult> {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error(`step '${task.step}' was asked to stop`));
  process.on(ABORT_SIGNAL, abort);
  emit({ kind: 'accepted', pid: process.pid });
  try {
    const step = await findStep(task);
    const store = localStore(task.store);
    const args = { ...(await inputs(step, task, store)), ...params(step, task) };
    emit({ kind: 'started' });
    const value = await step.fn(args as never, stepRun(task, controller.signal, emit));
    return { ok: true, outputs: await outputs(step, value, task, store) };
  } catch (error) {
    return { ok: false, failure: describeFailure(error) };
  } finally {
    process.off(ABORT_SIGNAL, abort);
  }
}

async function findStep(task: ChildTask): Promise<AnyStep> {
  const loaded = await loadModule(task.module);
  const { pipeline } = findPipeline(loaded, task.pipeline);
  const step = pipeline.steps.find((candidate) => candidate.name === task.step);
  if (step) return step;
  const names = pipeline.steps.map((candidate) => candidate.name);
  throw new NonRetryableError(`pipeline '${task.pipeline}' in ${task.module} has no step '${task.step}'${hint(task.step, names)}`);
}

async function inputs(step: AnyStep, task: ChildTask, store: ArtifactStore): Promise<Record<string, unknown>> {
  const loaded = Object.entries(step.inputs).map(async ([name, type]) => {
    const ref = task.inputs[name];
    if (!ref)
      throw new NonRetryableError(
        `step '${step.name}' takes input '${name}', which the run's plan does not give it: was the code changed?`,
      );
    return [name, await loadInput(type, ref, { store, workDir: task.workDir, input: name })];
  });
  return Object.fromEntries(await Promise.all(loaded));
}

function params(step: AnyStep, task: ChildTask): Record<string, unknown> {
  return Object.fromEntries(Object.entries(step.params).map(([name, type]) => [name, type.parse(task.params[name])]));
}

async function outputs(step: AnyStep, value: unknown, task: ChildTask, store: ArtifactStore): Promise<Record<string, ArtifactRef>> {
  const types = Object.entries(step.outputs);
  const save = (name: string, type: (typeof types)[number][1], data: unknown) =>
    saveOutput(type, data, { store, workDir: task.workDir, output: name });
  const [only] = types;
  if (!only) return value === undefined ? {} : anyResult(step, value, save);
  if (types.length === 1) return { [only[0]]: await save(only[0], only[1], value) };

  const names = types.map(([name]) => `'${name}'`).join(', ');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OutputInvalid(
      `step '${step.name}' must return an object with its outputs ${names}, not ${Array.isArray(value) ? 'an array' : String(value)}`,
    );
  }
  const given = value as Record<string, unknown>;
  const missing = types.filter(([name]) => !Object.hasOwn(given, name)).map(([name]) => `'${name}'`);
  if (missing.length)
    throw new OutputInvalid(`step '${step.name}' returned no ${missing.join(', ')}: it must return an object with ${names}`);
  const extra = Object.keys(given).find((name) => !Object.hasOwn(step.outputs, name));
  if (extra !== undefined) throw new OutputInvalid(`step '${step.name}' returned '${extra}', which is not one of its outputs ${names}`);
  // One after the other: outputs that stream may share a source, and memory is for one at a time.
  const refs: Record<string, ArtifactRef> = {};
  for (const [name, type] of types) refs[name] = await save(name, type, given[name]);
  return refs;
}
