import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { NativeConnection, Worker, WorkerOptions } from '@temporalio/worker';
import { type ActivityDependencies, bookkeepingActivities, type ServedPipeline, stepActivities } from '../activities/index.ts';
import { removeAbandonedFolders } from '../activities/temp-folders.ts';
import { sha256OfJson } from '../artifacts/hash.ts';
import { codeHash } from '../identity/code-hash.ts';
import {
  beat,
  type Database,
  databaseError,
  openDatabase,
  removeOldLeases,
  removeOldSlots,
  signOff,
  WORKER_BEAT_MS,
} from '../metadata/index.ts';
import { UsageError } from '../pipelines/errors.ts';
import { type GroupLimits, smallestLimits } from '../pipelines/group-limits.ts';
import { hint } from '../pipelines/names.ts';
import type { CodeChangePolicy } from '../pipelines/pipeline.ts';
import type { Plan } from '../pipelines/plan.ts';
import { NO_GROUP } from '../pipelines/plan-step.ts';
import { SEARCH_ATTRIBUTES } from '../pipelines/run-request.ts';
import type { TemporalTarget } from '../services/temporal/connection.ts';
import { removeStaleTemp } from '../stacks/local-store.ts';
import { type Project, projectStore, projectStoreTarget } from '../stacks/project.ts';
import { localFolder } from '../stacks/stores/stack-stores.ts';
import type { WorkerTracing } from '../tracing/index.ts';
import { ExecutorQueues } from './executors/executor-queues.ts';
import type { WorkerMetrics } from './metrics.ts';
import { workerObserver } from './observer.ts';
import type { WorkerLog } from './runtime.ts';
import { StepPool } from './step-pool.ts';

export interface EngineOptions {
  project: Project;
  namespace: string;
  databaseUrl: string;
  pipelines: ReadonlyMap<string, ServedPipeline>;
  /** Serve only these execution groups' steps; all unless given. */
  groups?: readonly string[] | undefined;
  /** Serve the queues of the stack in use alone; those of all stacks unless given. */
  oneStack?: boolean | undefined;
  /** Steps at a time; one a core unless given. */
  concurrency?: number | undefined;
  /** How long running steps may go on once a worker is asked to stop, in milliseconds. */
  drainMs?: number | undefined;
  /** Serve this one queue, which no other worker serves, and nothing else. */
  queue?: { name: string; queue: string; group: string } | undefined;
  /** Where Temporal is, for workers that executors start. */
  temporal?: TemporalTarget | undefined;
  /** What becomes of steps that were planned with other code; the pipelines say unless given. */
  onCodeChange?: CodeChangePolicy | undefined;
  versioning?: Versioning | undefined;
  metrics?: WorkerMetrics | undefined;
  tracing?: WorkerTracing | undefined;
  /** Gets a line for what goes wrong with the worker itself. */
  log?: WorkerLog | undefined;
  /** Gets a line for whatever happens to runs and steps. */
  eventLog?: WorkerLog | undefined;
  /** Whether it gets what steps print and log too. */
  logSteps?: boolean | undefined;
}

/** Temporal's Worker Deployment Versioning: a run stays with workers of the version that it began on. */
export interface Versioning {
  /** What all versions of these workers have in common. */
  deploymentName: string;
  /** This version; made from the pipelines' code unless given. */
  buildId?: string;
}

/** What the workers of one process share: the pipelines they serve, the step processes, the database. */
export class Engine {
  readonly id: string;
  readonly pipelines: ReadonlyMap<string, ServedPipeline>;
  /** The groups whose queues are served. */
  readonly groups: readonly string[];
  /** Whether steps without a group are served: they share the workflows' queue. */
  readonly ungrouped: boolean;
  private readonly options: EngineOptions;
  private readonly limits: ReadonlyMap<string, GroupLimits>;
  private readonly runner: StepPool;
  private readonly db: Database;
  private readonly deps: ActivityDependencies;
  private executors: ExecutorQueues | undefined;
  private load = { busy: false, since: Date.now() };

  /** Connects nothing yet. Throws UsageError for an unknown group. */
  constructor(options: EngineOptions) {
    const { project, pipelines, groups, concurrency, queue } = options;
    this.options = options;
    this.id = `${queue?.name ?? hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
    this.pipelines = pipelines;
    this.limits = smallestLimits([...pipelines.values()].map(({ plan }) => plan));
    this.groups = chosenGroups(pipelines, groups);
    this.ungrouped = !groups || groups.includes(NO_GROUP);
    const { metrics, tracing, eventLog, logSteps } = options;
    this.runner = new StepPool({
      ...(concurrency === undefined ? {} : { size: concurrency }),
      onLoad: (busy, size, waiting) => {
        this.load = { busy: busy > 0, since: Date.now() };
        metrics?.load(busy, size, waiting);
      },
      isUnchanged: (module) => this.isUnchanged(module),
    });
    this.db = openDatabase(options.databaseUrl, { max: Math.max(8, 2 * this.runner.size) });
    this.deps = {
      db: this.db,
      project: project.name,
      pipelines,
      limits: this.limits,
      runner: this.runner,
      store: projectStore(project),
      root: project.root,
      stack: project.stack,
      stacks: project.stacks,
      workerId: this.id,
      searchAttributes: false,
      onCodeChange: options.onCodeChange,
      alone: queue !== undefined,
      onNeed: () => this.executors?.wake(),
      observer: workerObserver({ log: eventLog, logSteps, metrics, tracing }),
    };
  }

  private isUnchanged(module: string): boolean {
    const served = [...this.pipelines.values()].find((each) => each.module === module);
    try {
      return served === undefined || codeHash(module) === served.codeHash;
    } catch {
      // A file is gone.
      return false;
    }
  }

  /** The activities for the queue of the project's workflows. */
  activities(): NonNullable<WorkerOptions['activities']> {
    return { ...bookkeepingActivities(this.deps), ...(this.ungrouped ? stepActivities(this.deps) : {}) };
  }

  /** What holds for the worker of each queue. */
  workerOptions(): Omit<WorkerOptions, 'taskQueue'> {
    return {
      namespace: this.options.namespace,
      identity: this.id,
      // A poll holds a slot while it waits: one poll leaves the others to tasks that Temporal hands over with the workflow's.
      maxConcurrentActivityTaskExecutions: this.runner.size + (this.options.queue ? 0 : 2),
      activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
      maxHeartbeatThrottleInterval: '3 s',
      shutdownGraceTime: Math.max(this.options.drainMs ?? 0, 100),
      ...this.deployment(),
      ...(this.options.tracing ? { interceptors: { activity: this.options.tracing.activity } } : {}),
    };
  }

  /** Where it takes part in Worker Versioning. */
  get version(): Required<Versioning> | undefined {
    const { versioning } = this.options;
    return versioning && { buildId: codeOf(this.pipelines), ...versioning };
  }

  private deployment(): Pick<WorkerOptions, 'workerDeploymentOptions'> {
    const { version } = this;
    if (!version) return {};
    return { workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' } };
  }

  /** Whether a step runs, and since when that is so. */
  get busySince(): { busy: boolean; since: number } {
    return this.load;
  }

  /** The worker of the one queue that it serves. */
  async queueWorker(type: typeof Worker, connection: NativeConnection, queue: string): Promise<Worker> {
    return type.create({ ...this.workerOptions(), connection, activities: stepActivities(this.deps), taskQueue: queue });
  }

  /** Looks after the queues that executors serve, until it is closed. */
  keepExecutors(type: typeof Worker, connection: NativeConnection): void {
    const { project, temporal, databaseUrl, log, eventLog } = this.options;
    if (!temporal) return;
    const failing = (taskQueue: string, message: string) => {
      const failure = { type: 'CannotStart', message, final: true, counted: true };
      const activities = stepActivities({ ...this.deps, runner: { run: async () => ({ ok: false as const, failure }) } });
      return type.create({ ...this.workerOptions(), connection, activities, taskQueue });
    };
    const say = log ?? eventLog ?? (() => {});
    this.executors = new ExecutorQueues({ db: this.db, project, temporal, databaseUrl, connection, say, failing });
  }

  /** The queues of the groups that it serves, on every stack whose steps workers of the project run. */
  private groupQueues(): [queue: string, group: string][] {
    const { stack, stacks } = this.options.project;
    const queues = new Map<string, string>();
    const plans = [...this.pipelines.values()].flatMap((served) => [
      served.plan,
      // A run may ask for another stack than its pipeline's: what cannot be compiled for it, none can ask for.
      ...(this.options.oneStack ? [stack] : Object.keys(stacks)).flatMap((name) => plannedOn(served, name)),
    ]);
    for (const { steps } of plans)
      for (const { group, executor, taskQueue } of steps)
        if (group !== undefined && executor === 'local' && this.groups.includes(group)) queues.set(taskQueue, group);
    return [...queues];
  }

  /** A worker for each group's queue. */
  async groupWorkers(type: typeof Worker, connection: NativeConnection): Promise<Worker[]> {
    const activities = stepActivities(this.deps);
    const common = { ...this.workerOptions(), connection, activities };
    const options = (taskQueue: string, group: string): WorkerOptions => {
      const { maxPerSecond } = this.limits.get(group) ?? {};
      // Kept by the server, across all workers of the queue.
      const rate = maxPerSecond === undefined ? {} : { maxTaskQueueActivitiesPerSecond: maxPerSecond };
      return { ...common, ...rate, taskQueue };
    };
    return Promise.all(this.groupQueues().map(([queue, group]) => type.create(options(queue, group))));
  }

  /** Throws ServiceUnavailable or UsageError if the database cannot be used. */
  async checkDatabase(): Promise<void> {
    try {
      await this.askDatabase();
    } catch (error) {
      throw databaseError(error, this.options.databaseUrl);
    }
  }

  /** Rejects if PostgreSQL does not answer. */
  async askDatabase(): Promise<void> {
    await this.db.client`select 1`;
  }

  /** Says that this worker is there, before it takes work: workers with other code leave a run to it only once they see it. */
  async join(connection: NativeConnection): Promise<void> {
    this.deps.searchAttributes = await knowsSearchAttributes(connection, this.options.namespace);
    // What crashed writers left behind; nothing waits for it.
    const folder = localFolder(projectStoreTarget(this.options.project));
    if (folder !== undefined) void removeStaleTemp(folder).catch(() => {});
    void removeAbandonedFolders().catch(() => {});
    void removeOldLeases(this.db).catch(() => {});
    void removeOldSlots(this.db).catch(() => {});
    await this.sayHello();
  }

  /** Runs workers until all have stopped; one that fails takes the others along, since half a worker would look alive. */
  async serve(workers: readonly { run(): Promise<void>; shutdown(): void }[]): Promise<void> {
    // A beat that fails is made up for by the next: the database may be away for a while.
    const beating = setInterval(() => void this.sayHello().catch(() => {}), WORKER_BEAT_MS);
    void this.runner.warm([...this.pipelines.values()].map((served) => served.module));
    try {
      const running = workers.map((worker) => worker.run());
      for (const each of running) each.catch(() => workers.forEach((worker) => void worker.shutdown()));
      for (const end of await Promise.allSettled(running)) if (end.status === 'rejected') throw end.reason;
    } finally {
      clearInterval(beating);
      // First of all: workers that look for others to go on must not find this one.
      await signOff(this.db, this.id).catch(() => {});
      await this.executors?.stop();
      await this.close();
    }
  }

  /** Ends the step processes and leaves the database. */
  async close(): Promise<void> {
    await Promise.allSettled([this.runner.close(), this.db.close()]);
  }

  private sayHello(): Promise<void> {
    const { project, groups, queue } = this.options;
    return beat(this.db, {
      id: this.id,
      project: project.name,
      pid: process.pid,
      host: hostname(),
      // Runs and groups are none of the business of a worker that serves one queue.
      pipelines: queue ? {} : Object.fromEntries([...this.pipelines].map(([name, served]) => [name, served.codeHash])),
      groups: queue ? [queue.group] : groups ? [...groups] : null,
    });
  }
}

function plannedOn(served: ServedPipeline, stack: string): Plan[] {
  try {
    return [served.planFor({ stack }).plan];
  } catch {
    return [];
  }
}

/** A name for the code of all pipelines together. */
const codeOf = (pipelines: ReadonlyMap<string, ServedPipeline>) =>
  sha256OfJson(Object.fromEntries([...pipelines].map(([name, { codeHash }]) => [name, codeHash]))).slice(0, 12);

function chosenGroups(pipelines: ReadonlyMap<string, ServedPipeline>, wanted: readonly string[] | undefined): string[] {
  const known = [...new Set([...pipelines.values()].flatMap(({ plan }) => plan.steps.flatMap((step) => step.group ?? [])))];
  if (!wanted) return known;
  for (const group of wanted) {
    if (group !== NO_GROUP && !known.includes(group))
      throw new UsageError(`no pipeline of this worker has a group '${group}'${hint(group, known)}`);
  }
  return known.filter((group) => wanted.includes(group));
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
