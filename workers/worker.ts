import type { NativeConnection, Worker } from '@temporalio/worker';
import { type ServedPipeline, servePipelines } from '../activities/index.ts';
import type { AnyPipeline, CodeChangePolicy } from '../pipelines/pipeline.ts';
import { connectionFailed, connectionOptions, type TemporalTarget } from '../services/temporal/connection.ts';
import { compileTarget, type Project } from '../stacks/project.ts';
import { flushTraces, workerTracing } from '../tracing/index.ts';
import { Engine, type Versioning } from './engine.ts';
import { type Health, healthOf } from './health.ts';
import { type MetricsTarget, metricsExporter, workerMetrics } from './metrics.ts';
import { installRuntime, type WorkerLog } from './runtime.ts';
import { workflowBundle } from './workflow-bundle.ts';

export interface FlowymlWorkerOptions {
  project: Project;
  temporal: TemporalTarget;
  databaseUrl: string;
  /** The pipelines to serve, each with the module that step processes load it from. */
  pipelines: readonly { pipeline: AnyPipeline; module: string }[];
  /** Serve only these execution groups' steps (and the workflows); all unless given. */
  groups?: readonly string[];
  /** Serve the queues of the stack in use alone; those of all stacks unless given. */
  oneStack?: boolean;
  /** Serve this one queue and nothing else, as workers do that an executor starts. */
  queue?: { name: string; queue: string; group: string };
  /** Steps at a time; one a core unless given. */
  concurrency?: number;
  /** How long running steps may go on once the worker is asked to stop, in milliseconds; 0 unless given. */
  drainMs?: number;
  /** What becomes of steps that were planned with other code: `'run'` or `'fail'`; the pipelines say unless given. */
  onCodeChange?: CodeChangePolicy;
  /** Temporal's Worker Deployment Versioning: a run stays with workers of the version that it began on. */
  versioning?: Versioning;
  log?: WorkerLog;
  /** Gets a line for whatever happens to runs and steps. */
  eventLog?: WorkerLog;
  /** Whether it gets what steps print and log too. */
  logSteps?: boolean;
  /** Where metrics go; none are made unless given. One worker of a process says it for all. */
  metrics?: MetricsTarget;
}

/** A worker that has connected, and waits to be run. */
export interface FlowymlWorker {
  readonly id: string;
  readonly pipelines: ReadonlyMap<string, ServedPipeline>;
  readonly taskQueues: readonly string[];
  /** Where it takes part in Worker Versioning. */
  readonly version: Required<Versioning> | undefined;
  /** Serves until `shutdown()`; rejects if the worker fails. */
  run(): Promise<void>;
  /** Whether it takes work, and PostgreSQL and Temporal answer it. */
  health(): Promise<Health>;
  /** Whether a step runs, and since when that is so. */
  busySince(): { busy: boolean; since: number };
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
  const { project, temporal, databaseUrl } = options;
  const [{ NativeConnection, Runtime, Worker }, tracing] = await Promise.all([import('@temporalio/worker'), workerTracing()]);
  installRuntime(options.log ?? (() => {}), { metrics: options.metrics && metricsExporter(options.metrics, project.name) });
  const metrics = options.metrics && workerMetrics(Runtime.instance().metricMeter);
  const connecting = connect(NativeConnection, temporal);
  // Awaited below: until then its failure is nobody's.
  connecting.catch(() => {});
  const bundle = options.queue ? Promise.resolve('') : workflowBundle({ traced: tracing !== undefined });
  bundle.catch(() => {});
  let engine: Engine | undefined;
  try {
    const pipelines = await servePipelines(options.pipelines, compileTarget(project));
    const { groups, oneStack, queue, concurrency, drainMs, onCodeChange, versioning, eventLog, logSteps } = options;
    const wishes = { groups, oneStack, queue, concurrency, drainMs, onCodeChange, versioning, temporal };
    const observed = { metrics, tracing, eventLog, logSteps, log: options.log };
    engine = new Engine({ project, namespace: temporal.namespace, databaseUrl, pipelines, ...wishes, ...observed });
    if (queue) {
      const [connection] = await Promise.all([connecting, engine.checkDatabase()]);
      await engine.join(connection);
      return flowymlWorker(engine, [await engine.queueWorker(Worker, connection, queue.queue)], connection);
    }
    const [connection, codePath] = await Promise.all([connecting, bundle, engine.checkDatabase()]);
    const [, main, ...others] = await Promise.all([
      engine.join(connection),
      Worker.create({
        ...engine.workerOptions(),
        connection,
        taskQueue: project.name,
        workflowBundle: { codePath },
        ...(tracing ? { sinks: tracing.sinks } : {}),
        activities: engine.activities(),
        enableNonLocalActivities: engine.ungrouped,
        // After a kill, the next workflow task waits for the dead worker's own queue: a second is enough.
        stickyQueueScheduleToStartTimeout: '1 s',
      }),
      ...(await engine.groupWorkers(Worker, connection)),
    ]);
    const made = engine;
    return flowymlWorker(made, [main, ...others], connection, () => made.keepExecutors(Worker, connection));
  } catch (error) {
    await Promise.allSettled([engine?.close(), connecting.then((connection) => connection.close())]);
    throw error;
  }
}

function flowymlWorker(engine: Engine, workers: readonly Worker[], connection: NativeConnection, onRun = () => {}): FlowymlWorker {
  const stopping = workers.map((worker) => ({
    run: () => worker.run(),
    shutdown: () => worker.getState() === 'RUNNING' && worker.shutdown(),
  }));
  return {
    id: engine.id,
    pipelines: engine.pipelines,
    taskQueues: workers.map((worker) => worker.options.taskQueue),
    version: engine.version,
    busySince: () => engine.busySince,
    shutdown() {
      for (const worker of stopping) worker.shutdown();
    },
    health: () =>
      healthOf({
        states: () => workers.map((worker) => worker.getState()),
        askDatabase: () => engine.askDatabase(),
        askTemporal: () => connection.workflowService.getSystemInfo({}),
      }),
    async run() {
      try {
        onRun();
        await engine.serve(stopping);
      } finally {
        await Promise.allSettled([connection.close(), flushTraces()]);
      }
    },
  };
}

async function connect(type: typeof NativeConnection, target: TemporalTarget): Promise<NativeConnection> {
  try {
    return await type.connect(connectionOptions(target));
  } catch (error) {
    throw await connectionFailed(target, error);
  }
}
