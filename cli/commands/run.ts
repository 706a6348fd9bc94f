import { checkRun } from '../../launch.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import type { RunRequest } from '../../pipelines/run-request.ts';
import { executeRun } from '../execute-run.ts';
import { checkStack, loadTarget } from '../modules.ts';
import { readParams, runPriority } from '../options.ts';

interface RunCommandOptions {
  param: string[];
  params?: string;
  stack?: string;
  cache: boolean;
  refresh?: boolean;
  recompute: string[];
  tag: string[];
  experiment?: string;
  priority?: string;
  id?: string;
  detach?: boolean;
  debug?: boolean;
  json?: boolean;
}

/** `flowyml run`: runs a pipeline to its end and shows how it goes. */
export async function run(module: string, options: RunCommandOptions): Promise<void> {
  const { project, target } = await loadTarget(module);
  checkStack(project, options.stack);
  if (options.id !== undefined && !options.id.trim()) throw new UsageError("--id: a run's id must not be empty");
  const priority = runPriority(options.priority);
  const params = readParams(target.pipeline, options.params, options.param);
  const { codeHash } = await checkRun({ project }, target, { params });
  const known = target.pipeline.steps.map((step) => step.name);
  for (const step of options.recompute) {
    if (!known.includes(step))
      throw new UsageError(`--recompute ${step}: pipeline '${target.pipeline.name}' has no such step${hint(step, known)}`);
  }
  const request: RunRequest = {
    params,
    ...(options.cache ? (options.refresh ? { cache: 'refresh' } : {}) : { cache: false }),
    ...(options.recompute.length ? { recompute: options.recompute } : {}),
    ...(options.tag.length ? { tags: options.tag } : {}),
    ...(options.experiment === undefined ? {} : { experiment: options.experiment }),
    ...(priority === undefined ? {} : { priority }),
  };
  await executeRun(project, target, { ...request, codeHash }, options);
}
