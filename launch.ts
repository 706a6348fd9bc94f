import { servePipelines } from './activities/index.ts';
import { awaitRun, startRun } from './client/runs.ts';
import type { Session } from './client/session.ts';
import { liveWorkers } from './metadata/index.ts';
import { PlanError } from './pipelines/errors.ts';
import { paramProblems } from './pipelines/params.ts';
import type { AnyPipeline } from './pipelines/pipeline.ts';
import type { RunRequest } from './pipelines/run-request.ts';
import type { RunResult } from './pipelines/run-result.ts';
import type { FlowymlWorker } from './workers/index.ts';
import type { WorkerLog } from './workers/runtime.ts';

/** A pipeline, and the module that workers load it from. */
export interface Launchable {
  pipeline: AnyPipeline;
  module: string;
  /** Under what name the module exports it: it may hold several of one name. */
  exportName?: string;
}

/**
 * Checks what can be checked before anything is started: the pipeline's wiring, and the run's params.
 * @throws PlanError with every problem
 */
export async function checkRun(session: Pick<Session, 'project'>, launch: Launchable, request: RunRequest): Promise<{ codeHash: string }> {
  const { root, name: project, stack } = session.project;
  const served = await servePipelines([launch], { root, project, stack });
  const { pipeline } = launch;
  const problems = paramProblems(pipeline, request.params ?? {});
  if (problems.length) throw new PlanError(`pipeline '${pipeline.name}'`, problems);
  return { codeHash: served.get(pipeline.name)?.codeHash ?? '' };
}

export interface WorkerHandle {
  worker: FlowymlWorker;
  /** Asks it to stop and waits until it has. */
  stop(): Promise<void>;
  /** Rejects if the worker fails. */
  running: Promise<void>;
}

/** Starts a worker in this process, unless a live one serves this very code already. */
export async function ensureWorker(
  session: Session,
  launch: Launchable,
  codeHash: string,
  others: readonly Launchable[],
  log?: WorkerLog,
  concurrency?: number,
): Promise<WorkerHandle | undefined> {
  const live = await liveWorkers(session.db, session.project.name);
  if (live.some((worker) => worker.pipelines[launch.pipeline.name] === codeHash)) return undefined;
  const { createWorker } = await import('./workers/index.ts');
  const worker = await createWorker({
    project: session.project,
    temporal: session.services.temporal,
    databaseUrl: session.services.postgres.url,
    pipelines: [launch, ...others.filter((other) => other.pipeline.name !== launch.pipeline.name)],
    ...(log ? { log } : {}),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
  const running = worker.run();
  running.catch(() => {});
  return {
    worker,
    running,
    async stop() {
      worker.shutdown();
      await running.catch(() => {});
    },
  };
}

/** Starts a run; gives its id, and its result once it ends. */
export async function launchRun(
  session: Session,
  { pipeline }: Launchable,
  request: RunRequest,
  runId?: string,
): Promise<{ runId: string; result: Promise<RunResult> }> {
  const { client } = session.temporal;
  const handle = await startRun(client, {
    pipeline: pipeline.name,
    taskQueue: session.project.name,
    request,
    ...(runId === undefined ? {} : { runId }),
    ...(pipeline.options.description === undefined ? {} : { description: pipeline.options.description }),
  });
  const result = awaitRun(client, session.db, handle.workflowId);
  result.catch(() => {});
  return { runId: handle.workflowId, result };
}
