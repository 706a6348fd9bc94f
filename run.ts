import { dirname, join } from 'node:path';
import type { PipelineResult } from './client/pipeline-result.ts';
import { handOver } from './loader/hand-over.ts';
import { UsageError } from './pipelines/errors.ts';
import { isPipeline, type Pipeline } from './pipelines/pipeline.ts';
import { requestedStack } from './pipelines/placement.ts';
import type { RunRequest } from './pipelines/run-request.ts';
import type { StackLike } from './pipelines/stack-spec.ts';
import type { AnyStep } from './pipelines/step.ts';
import type { WiredPipeline } from './pipelines/wiring.ts';

export interface RunOptions extends Omit<RunRequest, 'codeHash' | 'stack'> {
  /** A stack of flowyml.yaml by its name, or one made in code. */
  stack?: string | StackLike;
  /** The run's id; made up unless given. A run that has it already is not started again. */
  runId?: string;
  /** Gets a line for whatever takes long, such as starting the services. */
  onProgress?: (line: string) => void;
}

/**
 * Runs a pipeline to its end: starts what is needed (services, a worker in this process) and gives the result. A run
 * that fails is a result too: look at `success`. The services stay up; `flowyml down` stops them.
 * @throws PlanError for a pipeline that cannot be wired, or params that it does not take
 * @throws ServiceUnavailable if the services cannot be started
 *
 * @example
 * const result = await run(training, { params: { learning_rate: 0.05 } });
 * if (result.success) console.log(result.outputs.model);
 */
export async function run<const S extends readonly AnyStep[]>(
  pipeline: Pipeline<S> & WiredPipeline<S>,
  options: RunOptions = {},
): Promise<PipelineResult<Pipeline<S>>> {
  if (!isPipeline(pipeline)) throw new UsageError('run(…) takes a pipeline, made by pipeline(name, { steps: [...] })');
  // A worker that loads a script for its pipeline must not run it: what comes after is never reached.
  if (handOver(pipeline)) return new Promise(() => {});
  const module = pipeline.file;
  if (!module) throw new UsageError(`pipeline '${pipeline.name}' was not made in a file, so no worker could load it`);

  const [{ findProject, projectStore }, { startSession }, { beginRun, checkRun, keepServed, prepareImages, runToEnd }, { PipelineResult }] =
    await Promise.all([
      import('./stacks/project.ts'),
      import('./client/session.ts'),
      import('./launch.ts'),
      import('./client/pipeline-result.ts'),
    ]);
  const { runId, onProgress, stack, ...others } = options;
  const request = { ...others, ...(stack === undefined ? {} : { stack: requestedStack(stack) }) };
  const project = findProject(dirname(module));
  const launchable = { pipeline, module };
  const { codeHash, plan } = await checkRun({ project }, launchable, request);
  const session = await startSession(project, onProgress ? { onProgress } : {});
  try {
    const images = await prepareImages(session, plan, onProgress);
    const serving = await keepServed(session, launchable, codeHash, {
      plan,
      ...(options.debug ? { concurrency: 1 } : {}),
      ...(onProgress ? { say: onProgress } : {}),
    });
    try {
      const id = await beginRun(session, launchable, { ...request, ...images, codeHash }, runId);
      const result = await runToEnd(session, id, { serving, say: onProgress });
      return new PipelineResult(result, pipeline, projectStore(project), join(project.root, '.flowyml', 'outputs', result.runId));
    } finally {
      await serving.stop();
    }
  } finally {
    await session.close();
  }
}
