import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { NativeConnection, Worker, WorkerOptions } from '@temporalio/worker';
import {
  type ActivityDependencies,
  bookkeepingActivities,
  type ServedPipeline,
  servePipelines,
  stepActivities,
} from '../activities/index.ts';
import { removeAbandonedFolders } from '../activities/temp-folders.ts';
import { beat, type Database, databaseError, openDatabase, removeOldLeases, signOff, WORKER_BEAT_MS } from '../metadata/index.ts';
import { groupQueue } from '../pipelines/compile.ts';
import { UsageError } from '../pipelines/errors.ts';
import { hint } from '../pipelines/names.ts';
import type { AnyPipeline } from '../pipelines/pipeline.ts';
import { SEARCH_ATTRIBUTES } from '../pipelines/run-request.ts';
import { connectionFailed, connectionOptions, type TemporalTarget } from '../services/temporal/connection.ts';
import { localStore, removeStaleTemp } from '../stacks/local-store.ts';
import type { Project } from '../stacks/project.ts';
import { installRuntime, type WorkerLog } from './runtime.ts';
import { StepPool } from './step-pool.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** `--group default` serves the steps that name no group. */
const NO_GROUP = 'default';

export interface FlowymlWorkerOptions {
  project: Project;
  temporal: TemporalTarget;
  databaseUrl: string;
  /** The pipelines to serve, each with the module that step processes load it from. */
  pipelines: readonly { pipeline: AnyPipeline; module: string }[];
  /** Serve only these execution groups' steps (and the workflows); all unless given. */
  groups?: readonly string[];
  /** Steps at a time; one a core unless given. */
  concurrency?: number;
  /** How long running steps may go on once the worker is asked to stop, in milliseconds; 0 unless given. */
  drainMs?: number;
  log?: WorkerLog;
}

/** A worker that has connected, and waits to be run. */
export interface FlowymlWorker {
  readonly id: string;
  readonly pipelines: ReadonlyMap<string, ServedPipeline>;
  readonly taskQueues: readonly string[];
  /** Serves until `shutdown()`; rejects if the worker fails. */
  run(): Promise<void>;
  /** Takes no new work; running steps have `drainMs` to end, then go back to Temporal. */
  shutdown(): void;
}

/**
 * Makes a worker: one for the project's workflows, and one for each execution group's queue, over one pool of step
 * processes.
 * @throws UsageError for an unknown group
 * @throws PlanError if a pipeline cannot be compiled
 * @throws ServiceUnavailable if Temporal or PostgreSQL cannot be reached
 */
export async function createWorker(options: FlowymlWorkerOptions): Promise<FlowymlWorker> {
  const { project, temporal } = options;
  const { NativeConnection, Worker } = await import('@temporalio/worker');
  installRuntime(options.log ?? (() => {}));
  const target = { root: project.root, project: project.name, stack: project.stack };
  const runner = new StepPool(options.concurrency === undefined ? {} : { size: options.concurrency });
  const db = openDatabase(options.databaseUrl, { max: Math.max(8, 2 * runner.size) });
  let connection: NativeConnection | undefined;
  try {
    const [pipelines, opened, codePath] = await Promise.all([
      servePipelines(options.pipelines, target),
      connect(NativeConnection, temporal),
      workflowBundle(),
      reachable(db, options.databaseUrl),
    ]);
    connection = opened;
    const deps: ActivityDependencies = {
      db,
      project: project.name,
      pipelines,
      runner,
      store: localStore(project.artifactPath),
      storeRoot: project.artifactPath,
      workerId: `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`,
      searchAttributes: await knowsSearchAttributes(connection, temporal.namespace),
    };
    // What crashed writers left behind; nothing waits for it.
    void removeStaleTemp(project.artifactPath).catch(() => {});
    void removeAbandonedFolders().catch(() => {});
    void removeOldLeases(db).catch(() => {});
    const groups = chosenGroups(pipelines, options.groups);
    const common: WorkerOptions = {
      connection,
      namespace: temporal.namespace,
      taskQueue: project.name,
      identity: deps.workerId,
      // A poll holds a slot while it waits: one poll leaves the others to tasks that Temporal hands over with the workflow's.
      maxConcurrentActivityTaskExecutions: runner.size + 2,
      activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
      maxHeartbeatThrottleInterval: '3 s',
      shutdownGraceTime: Math.max(options.drainMs ?? 0, 100),
    };
    const steps = stepActivities(deps);
    const ungrouped = !options.groups || options.groups.includes(NO_GROUP);
    const workers = await Promise.all([
      Worker.create({
        ...common,
        workflowBundle: { codePath },
        activities: { ...bookkeepingActivities(deps), ...(ungrouped ? steps : {}) },
        enableNonLocalActivities: ungrouped,
        // After a kill, the next workflow task waits for the dead worker's own queue: a second is enough.
        stickyQueueScheduleToStartTimeout: '1 s',
      }),
      ...groups.map((group) => Worker.create({ ...common, taskQueue: groupQueue(target, group), activities: steps })),
    ]);
    return await assemble({
      workers,
      deps,
      db,
      connection,
      runner,
      project,
      groups: options.groups,
      modules: [...pipelines.values()].map((p) => p.module),
    });
  } catch (error) {
    await Promise.allSettled([runner.close(), db.close(), connection?.close()]);
    throw error;
  }
}

interface Parts {
  workers: Worker[];
  deps: ActivityDependencies;
  db: Database;
  connection: NativeConnection;
  runner: StepPool;
  project: Project;
  groups: readonly string[] | undefined;
  modules: string[];
}

async function assemble({ workers, deps, db, connection, runner, project, groups, modules }: Parts): Promise<FlowymlWorker> {
  const shutdown = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const hashes = Object.fromEntries([...deps.pipelines].map(([name, served]) => [name, served.codeHash]));
  const sayHello = () =>
    beat(db, {
      id: deps.workerId,
      project: project.name,
      pid: process.pid,
      host: hostname(),
      pipelines: hashes,
      groups: groups ? [...groups] : null,
    });
  // Before it takes work: workers with other code leave a run to this one only once they see that it is there.
  await sayHello();
  return {
    id: deps.workerId,
    pipelines: deps.pipelines,
    taskQueues: workers.map((worker) => worker.options.taskQueue),
    shutdown,
    async run() {
      // A beat that fails is made up for by the next: the database may be away for a while.
      const beating = setInterval(() => void sayHello().catch(() => {}), WORKER_BEAT_MS);
      void runner.warm(modules);
      try {
        const running = workers.map((worker) => worker.run());
        // One that fails takes the others along: half a worker would look alive.
        for (const each of running) each.catch(shutdown);
        for (const end of await Promise.allSettled(running)) if (end.status === 'rejected') throw end.reason;
      } finally {
        clearInterval(beating);
        await signOff(db, deps.workerId).catch(() => {});
        await Promise.allSettled([runner.close(), db.close()]);
        await connection.close().catch(() => {});
      }
    },
  };
}

function chosenGroups(pipelines: ReadonlyMap<string, ServedPipeline>, wanted: readonly string[] | undefined): string[] {
  const known = [...new Set([...pipelines.values()].flatMap(({ plan }) => plan.steps.flatMap((step) => step.group ?? [])))];
  if (!wanted) return known;
  for (const group of wanted) {
    if (group !== NO_GROUP && !known.includes(group))
      throw new UsageError(`no pipeline of this worker has a group '${group}'${hint(group, known)}`);
  }
  return known.filter((group) => wanted.includes(group));
}

async function connect(type: typeof NativeConnection, target: TemporalTarget): Promise<NativeConnection> {
  try {
    return await type.connect(connectionOptions(target));
  } catch (error) {
    throw await connectionFailed(target, error);
  }
}

async function reachable(db: Database, url: string): Promise<void> {
  try {
    await db.client`select 1`;
  } catch (error) {
    throw databaseError(error, url);
  }
}

/** Asked by a query that names them all: Temporal Cloud does not list its search attributes to workers. */
async function knowsSearchAttributes(connection: NativeConnection, namespace: string): Promise<boolean> {
  const query = Object.values(SEARCH_ATTRIBUTES)
    .map((name) => `${name} = 'none'`)
    .join(' OR ');
  return connection.workflowService.countWorkflowExecutions({ namespace, query }).then(
    () => true,
    () => false,
  );
}
