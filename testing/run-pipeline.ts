import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepEvent } from '../activities/step-runner.ts';
import { saveOutput } from '../artifacts/materialize.ts';
import { PipelineResult } from '../client/pipeline-result.ts';
import { parseAssetName } from '../pipelines/asset-input.ts';
import { compile } from '../pipelines/compile.ts';
import { PlanError, UsageError } from '../pipelines/errors.ts';
import { hooksOf } from '../pipelines/hooks.ts';
import type { JsonValue } from '../pipelines/json.ts';
import { hint } from '../pipelines/names.ts';
import { paramsAt } from '../pipelines/params.ts';
import { type AnyPipeline, isPipeline, type Pipeline } from '../pipelines/pipeline.ts';
import { isAssetInput } from '../pipelines/plan.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import type { AnyStep } from '../pipelines/step.ts';
import type { WiredPipeline } from '../pipelines/wiring.ts';
import { localStore } from '../stacks/local-store.ts';
import { type ApprovalChoice, runLocally } from './local-run.ts';

export interface RunPipelineOptions {
  params?: Record<string, JsonValue>;
  /** What people decide, by step. */
  approvals?: Record<string, ApprovalChoice>;
  /** Functions to call in place of steps' own, by step: for what reads data that a test has not. */
  // biome-ignore lint/suspicious/noExplicitAny: each has the arguments of the step it stands in for
  steps?: Record<string, (inputs: any, run: any) => unknown>;
  /** What inputs made by `asset('name@version')` stand for, by that name: data, or an object as a step would return it. */
  assets?: Record<string, unknown>;
  /** The time that a scheduled run stands for (ISO 8601), and its time zone. */
  scheduledTime?: string;
  timezone?: string;
  /** Cancels the run. */
  signal?: AbortSignal;
}

/** What steps reported while they ran. */
export interface Reported {
  metrics: { step: string; name: string; value: number; point: number | null }[];
  logs: { step: string; level: string; text: string }[];
}

/**
 * Runs a pipeline in this process, without Temporal, PostgreSQL or a cache: for unit tests. Steps' functions, conditions,
 * maps, fallbacks, retries, timeouts and hooks are called as in a real run, outputs are validated and pass through an
 * artifact store in a temporary folder. Waits between attempts are left out.
 * @throws PlanError for a pipeline that cannot be wired, or params that it does not take
 * @throws UsageError for an approval that nobody decides, an asset that is not given, or options that name no step
 *
 * @example
 * const result = await runPipeline(training, { params: { epochs: 1 }, steps: { load_data: () => [1, 2, 3] } });
 * expect(await result.output('model')).toEqual({ weight: 0.06 });
 */
export async function runPipeline<const S extends readonly AnyStep[]>(
  pipeline: Pipeline<S> & WiredPipeline<S>,
  options: RunPipelineOptions = {},
): Promise<PipelineResult<Pipeline<S>> & Reported> {
  if (!isPipeline(pipeline)) throw new UsageError('runPipeline(…) takes a pipeline, made by pipeline(name, { steps: [...] })');
  const { scheduledTime, timezone, approvals = {}, steps: instead = {} } = options;
  const plan = compile(pipeline, { project: 'test', stack: 'test', run: { executor: 'local' } });
  checkNames(pipeline, { approvals, steps: instead });
  const time = { time: scheduledTime ?? new Date().toISOString(), timezone };
  const { all: params, problems } = paramsAt(pipeline, options.params ?? {}, time);
  if (problems.length) throw new PlanError(`pipeline '${pipeline.name}'`, problems);
  const folder = temporaryFolder();
  const store = localStore(join(folder, 'artifacts'));
  const reported: Reported = { metrics: [], logs: [] };
  const result = await runLocally({
    runId: `${pipeline.name}-${randomUUID().slice(0, 8)}`,
    pipeline: pipeline.name,
    source: pipeline,
    plan,
    store,
    folder,
    params,
    scheduledTime,
    signal: options.signal ?? new AbortController().signal,
    instead: instead as Record<string, AnyStep['fn']>,
    approvals,
    assets: await givenAssets(pipeline, plan, options.assets ?? {}, { store, folder }),
    onEvent: (step, event) => take(reported, step, event),
  });
  return Object.assign(new PipelineResult<Pipeline<S>>(result, pipeline, store, join(folder, 'outputs')), reported);
}

function take({ metrics, logs }: Reported, step: string, event: StepEvent): void {
  if (event.kind === 'metric') metrics.push({ step, name: event.name, value: event.value, point: event.point });
  if (event.kind === 'log') logs.push({ step, level: event.level, text: event.text });
}

function checkNames(pipeline: AnyPipeline, options: Record<'approvals' | 'steps', object>): void {
  const known = [...pipeline.steps.map((step) => step.name), ...hooksOf(pipeline).map((hook) => hook.name)];
  for (const [option, given] of Object.entries(options)) {
    for (const name of Object.keys(given)) {
      if (!known.includes(name)) throw new UsageError(`${option}: pipeline '${pipeline.name}' has no step '${name}'${hint(name, known)}`);
    }
  }
}

/** Keeps the given assets as if a run had made them. */
async function givenAssets(
  pipeline: AnyPipeline,
  plan: ReturnType<typeof compile>,
  given: Record<string, unknown>,
  { store, folder }: { store: ReturnType<typeof localStore>; folder: string },
): Promise<Record<string, Record<string, ArtifactRef>>> {
  const assets: Record<string, Record<string, ArtifactRef>> = {};
  for (const step of plan.steps) {
    for (const [input, source] of Object.entries(step.inputs)) {
      if (!isAssetInput(source)) continue;
      const type = pipeline.steps.find((each) => each.name === step.name)?.inputs[input];
      if (!Object.hasOwn(given, source.asset) || !type)
        throw new UsageError(
          `step '${step.name}' takes asset '${source.asset}': give one, in runPipeline(…, { assets: { '${source.asset}': … } })${hint(source.asset, Object.keys(given))}`,
        );
      const { name } = parseAssetName(source.asset);
      const ref = await saveOutput(type, given[source.asset], { store, workDir: folder, output: name });
      assets[step.name] = { ...assets[step.name], [input]: ref };
    }
  }
  return assets;
}

/** Values are read from it when they are asked for, so it stays until the process ends. */
function temporaryFolder(): string {
  if (!folders.size) process.once('exit', () => folders.forEach((folder) => void rmSync(folder, { recursive: true, force: true })));
  const folder = mkdtempSync(join(tmpdir(), 'flowyml-test-run-'));
  folders.add(folder);
  return folder;
}

const folders = new Set<string>();
