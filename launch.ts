import { setTimeout as wait } from 'node:timers/promises';
import { planFor, requestProblems, servePipelines } from './activities/index.ts';
import { awaitRun, startRun } from './client/runs.ts';
import type { Session } from './client/session.ts';
import { currentWorkers } from './client/workers.ts';
import { findRun, keepImage, WORKER_BEAT_MS } from './metadata/index.ts';
import { PlanError, ServiceUnavailable, UsageError } from './pipelines/errors.ts';
import { paramsAt } from './pipelines/params.ts';
import type { AnyPipeline } from './pipelines/pipeline.ts';
import type { Plan } from './pipelines/plan.ts';
import { NO_GROUP } from './pipelines/plan-step.ts';
import type { RunRequest } from './pipelines/run-request.ts';
import type { RunResult } from './pipelines/run-result.ts';
import type { PlanImage } from './stacks/images/ensure-plan-images.ts';
import { otherMetadataStore } from './stacks/metadata-store.ts';
import { compileTarget } from './stacks/project.ts';
import type { WorkerLog } from './workers/runtime.ts';
import type { FlowymlWorker } from './workers/worker.ts';

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
export async function checkRun(
  session: Pick<Session, 'project'>,
  launch: Launchable,
  request: RunRequest,
): Promise<{ codeHash: string; plan: Plan }> {
  const { pipeline } = launch;
  const served = (await servePipelines([launch], compileTarget(session.project))).get(pipeline.name);
  if (!served) throw new Error(`pipeline '${pipeline.name}' was not compiled`);
  const wrong = requestProblems(request);
  const { plan, problems: misplaced } = wrong.length ? { plan: served.plan, problems: wrong } : planFor(served, request);
  const elsewhere = otherMetadataStore(session.project, request.stack ?? pipeline.options.stack);
  const unplaced = [...misplaced, ...(elsewhere === undefined || wrong.length ? [] : [elsewhere])];
  if (unplaced.length) throw new PlanError(`pipeline '${pipeline.name}'`, unplaced);
  const time = { time: request.scheduledTime ?? new Date().toISOString(), timezone: request.timezone };
  const { problems } = paramsAt(pipeline, request.params ?? {}, time);
  if (problems.length) throw new PlanError(`pipeline '${pipeline.name}'`, problems);
  return { codeHash: served.codeHash, plan };
}

/**
 * Sees to it that the images of a run's containers are there, and known to those who plan it.
 * @returns what the run's request brings along: these very images, whatever others make meanwhile
 * @throws UsageError, ServiceUnavailable, and what a build that fails throws
 */
export async function prepareImages(
  { project, db }: Pick<Session, 'project' | 'db'>,
  plan: Plan,
  onProgress?: (line: string) => void,
): Promise<Pick<RunRequest, 'images'>> {
  if (!plan.workers) return {};
  const { ensurePlanImages } = await import('./stacks/images/ensure-plan-images.ts');
  const made = await ensurePlanImages(Object.values(plan.workers), { project, onProgress });
  await keepImages(db, project.name, made);
  return made.length ? { images: Object.fromEntries(made.map(({ recipe, reference }) => [recipe, reference])) } : {};
}

/** Keeps which images the environments have now, for runs that bring none. */
export async function keepImages(db: Session['db'], project: string, made: readonly PlanImage[]): Promise<void> {
  for (const { recipe, image, reference, environmentHash: environment } of made)
    await keepImage(db, { project, recipe, image, reference, environment });
}

/** Sees to it that a run's steps find workers. */
export interface Serving {
  /** Whether a worker of this process was needed from the start. */
  readonly own: boolean;
  /** Rejects if a worker of this process fails; otherwise never settles. */
  readonly failure: Promise<never>;
  /** Asks the workers of this process to stop and waits until they have. */
  stop(): Promise<void>;
}

export interface ServeOptions {
  /** Pipelines that a worker of this process serves beside the run's. */
  others?: readonly Launchable[];
  /** The run's plan. */
  plan: Plan;
  /** Steps at a time, in this process. */
  concurrency?: number;
  log?: WorkerLog;
  /** Gets a line when this process takes over from workers that are gone. */
  say?: (line: string) => void;
}

/**
 * Keeps this very code served until told to stop: by the workers of other processes, and by one of this process for the
 * groups that they leave out, be it from the start or once they are gone.
 */
export async function keepServed(session: Session, launch: Launchable, codeHash: string, options: ServeOptions): Promise<Serving> {
  const workers: { groups: readonly string[] | undefined; worker: FlowymlWorker; running: Promise<void> }[] = [];
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failure.catch(() => {});
  const servesAll = () => workers.some(({ groups }) => groups === undefined);
  /** Starts a worker if one is needed; whether it did. */
  const serve = async () => {
    const unserved = await unservedGroups(session, launch, codeHash, options.plan);
    const groups = unserved?.filter((group) => !workers.some((own) => own.groups?.includes(group)));
    if (groups?.length === 0) return false;
    const worker = await startWorker(session, launch, groups, options);
    const running = worker.run();
    running.catch((error: Error) =>
      fail(new Error(`the worker failed: ${error.message}. The run is not lost: 'flowyml worker' goes on with it`, { cause: error })),
    );
    workers.push({ groups, worker, running });
    return true;
  };
  const own = await serve();
  const stopped = new AbortController();
  const watching = (async () => {
    while (!servesAll()) {
      await wait(WORKER_BEAT_MS, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) return;
      // A database that is away says nothing about workers: asked again a moment later.
      if (await serve().catch(() => false)) options.say?.('The worker that served this run is gone: it goes on in this process');
    }
  })();
  return {
    own,
    failure,
    async stop() {
      stopped.abort();
      await watching;
      for (const { worker } of workers) worker.shutdown();
      await Promise.allSettled(workers.map(({ running }) => running));
    },
  };
}

/** Starts a run and gives its id. */
export async function beginRun(session: Session, { pipeline }: Launchable, request: RunRequest, runId?: string): Promise<string> {
  const handle = await startRun(session.temporal.client, {
    pipeline: pipeline.name,
    taskQueue: session.project.name,
    request,
    ...(runId === undefined ? {} : { runId }),
    ...(pipeline.options.description === undefined ? {} : { description: pipeline.options.description }),
    ...(pipeline.options.version === undefined ? {} : { version: pipeline.options.version }),
    ...(pipeline.options.project === undefined ? {} : { project: pipeline.options.project }),
    ...(pipeline.options.priority === undefined ? {} : { priority: pipeline.options.priority }),
  });
  return handle.workflowId;
}

export interface WaitOptions {
  /** What keeps the run served: if it fails, so does the wait. */
  serving?: Serving;
  /** Gets a line when Temporal goes away. */
  say?: ((line: string) => void) | undefined;
}

/** Waits for the end of a run; through an outage of Temporal too, as the run itself does. */
export async function runToEnd(session: Session, runId: string, { serving, say }: WaitOptions = {}): Promise<RunResult> {
  let over = false;
  const ending = async () => {
    for (let told = false; ; told = true) {
      try {
        const result = await awaitRun(session.temporal.client, session.db, runId);
        await checkRecorded(session, runId);
        return result;
      } catch (error) {
        if (over || !(error instanceof ServiceUnavailable)) throw error;
        if (!told) say?.(`${error.message}. Run ${runId} is not lost: it goes on when that is back ('flowyml up' starts it)`);
        await wait(1000);
      }
    }
  };
  try {
    return await (serving ? Promise.race([ending(), serving.failure]) : ending());
  } finally {
    over = true;
  }
}

/**
 * Workers of one project on one Temporal share its queues: one that keeps its records in another database may have taken
 * the run.
 * @throws UsageError where the run is over and this database knows nothing of it
 */
async function checkRecorded({ db, project }: Session, runId: string): Promise<void> {
  // A database that is away says nothing.
  if (await findRun(db, runId).catch(() => true)) return;
  throw new UsageError(
    `run ${runId} was taken by a worker that keeps what runs made in another database than stack '${project.stack}': its results are there. ` +
      'Stop that worker (flowyml status, on its stack), or give stacks with different databases a TEMPORAL_NAMESPACE or FLOWYML_PROJECT each',
  );
}

/** Starts a run; gives its id, and its result once it ends. */
export async function launchRun(
  session: Session,
  launch: Launchable,
  request: RunRequest,
  runId?: string,
): Promise<{ runId: string; result: Promise<RunResult> }> {
  const id = await beginRun(session, launch, request, runId);
  const result = runToEnd(session, id);
  result.catch(() => {});
  return { runId: id, result };
}

/** The groups of a pipeline that no live worker with this code serves; undefined where there is no such worker at all. */
async function unservedGroups(session: Session, { pipeline }: Launchable, codeHash: string, plan: Plan): Promise<string[] | undefined> {
  const workers = await currentWorkers(session.db, session.project.name);
  const live = workers.filter((row) => row.pipelines[pipeline.name] === codeHash);
  if (!live.length) return undefined;
  // Groups that executors serve need no worker here.
  const groups = new Set(plan.steps.filter(({ executor }) => executor === 'local').map(({ group }) => group ?? NO_GROUP));
  // Its workflow needs a worker of the project in any case.
  groups.add(NO_GROUP);
  return [...groups].filter((group) => !live.some((row) => !row.groups || row.groups.includes(group)));
}

async function startWorker(
  session: Session,
  launch: Launchable,
  groups: readonly string[] | undefined,
  { others = [], concurrency, log }: ServeOptions,
): Promise<FlowymlWorker> {
  const { createWorker } = await import('./workers/worker.ts');
  return createWorker({
    project: session.project,
    temporal: session.services.temporal,
    databaseUrl: session.services.postgres.url,
    pipelines: [launch, ...others.filter((other) => other.pipeline.name !== launch.pipeline.name)],
    ...(groups === undefined ? {} : { groups }),
    ...(log ? { log } : {}),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
}
