import { checkRun } from '../../launch.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import type { RunRequest } from '../../pipelines/run-request.ts';
import { executeRun } from '../execute-run.ts';
import { loadTarget } from '../modules.ts';
import { type PlaceOptions, placeOptions, readParams, runPriority } from '../options.ts';

interface RunCommandOptions extends PlaceOptions {
  param: string[];
  params?: string;
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
  const { project, target } = await loadTarget(module, options.stack);
  if (options.id !== undefined && !options.id.trim()) throw new UsageError("--id: a run's id must not be empty");
  const priority = runPriority(options.priority);
  const params = readParams(target.pipeline, options.params, options.param);
  const place = placeOptions(options);
  const { codeHash, plan } = await checkRun({ project }, target, { params, ...place });
  const known = target.pipeline.steps.map((step) => step.name);
  for (const step of options.recompute) {
    if (!known.includes(step))
      throw new UsageError(`--recompute ${step}: pipeline '${target.pipeline.name}' has no such step${hint(step, known)}`);
  }
  const request: RunRequest = {
    params,
    ...place,
    ...(options.cache ? (options.refresh ? { cache: 'refresh' } : {}) : { cache: false }),
    ...(options.recompute.length ? { recompute: options.recompute } : {}),
    ...(options.tag.length ? { tags: options.tag } : {}),
    ...(options.experiment === undefined ? {} : { experiment: options.experiment }),
    ...(priority === undefined ? {} : { priority }),
  };
  await executeRun(project, { ...target, plan }, { ...request, codeHash }, options);
}
