import { readFileSync } from 'node:fs';
import type { NativeConnection, WorkerOptions, WorkerPlugin } from '@temporalio/worker';
import { type ServedPipeline, servePipelines } from '../activities/index.ts';
import { loadModule, moduleFile } from '../loader/index.ts';
import { migrateDatabase } from '../metadata/index.ts';
import { UsageError } from '../pipelines/errors.ts';
import { ACTIVITIES } from '../pipelines/protocol.ts';
import { databaseUrl } from '../services/index.ts';
import { metadataOptions } from '../stacks/metadata-store.ts';
import { compileTarget, findProject, type Project } from '../stacks/project.ts';
import { flushTraces, type WorkerTracing, workerTracing } from '../tracing/index.ts';
import { Engine } from './engine.ts';
import { joinedWorkflows } from './joined-workflows.ts';
import { tracedWorkflows, workflowBundle } from './workflow-bundle.ts';

/** What flowyml.yaml need not say: a queue of this name fits any. */
const DEFAULT_PROJECT = 'flowyml';

export interface FlowymlPluginOptions {
  /** Modules whose pipelines are served; those that flowyml.yaml names unless given. */
  pipelines?: readonly (string | URL)[];
  /** A folder in the project; the working folder unless given. */
  project?: string;
  /** PostgreSQL's address; what FLOWYML_DATABASE_URL names, or the stack, or the project's embedded server, unless given. */
  databaseUrl?: string;
  /** Steps at a time; one a core unless given. */
  concurrency?: number;
}

/**
 * Takes flowyml into a Temporal worker of one's own: it serves the project's pipelines beside its own workflows and
 * activities, on its own task queue, which names the project. Groups' queues are served for as long as the worker runs.
 * @throws UsageError, when the worker is created, where a name is taken on both sides, or the queue is another project's
 *
 * @example
 * const worker = await Worker.create({ connection, taskQueue: 'shop', workflowsPath, activities, plugins: [flowymlPlugin()] });
 * await worker.run();
 */
export function flowymlPlugin(options: FlowymlPluginOptions = {}): WorkerPlugin {
  let engine: Engine | undefined;
  let connection: NativeConnection | undefined;
  let url = '';
  return {
    name: 'flowyml',
    async configureWorker(given) {
      if (engine) throw new UsageError('flowymlPlugin() serves one worker: call it again for another');
      const project = projectOf(given, options.project);
      const pipelines = await loadPipelines(project, options.pipelines);
      checkActivities(given.activities ?? {}, pipelines);
      const tracing = await workerTracing();
      // A program that has set up Temporal's own interceptors keeps them, and its provider.
      const isTraced = given.sinks?.exporter !== undefined || given.plugins?.some(({ name }) => name === 'OpenTelemetryPlugin');
      const traced = tracing !== undefined && !isTraced;
      const asked = traced ? withTracing(given, tracing) : given;
      const workflows = await workflowsOf(asked, pipelines, traced);
      url = options.databaseUrl ?? databaseUrl({ root: project.root, ...metadataOptions(project) });
      engine = new Engine({
        project,
        namespace: given.namespace ?? 'default',
        databaseUrl: url,
        pipelines,
        concurrency: options.concurrency,
        tracing,
        drainMs: typeof given.shutdownGraceTime === 'number' ? given.shutdownGraceTime : undefined,
      });
      const { NativeConnection } = await import('@temporalio/worker');
      connection = given.connection ?? (await NativeConnection.connect());
      return {
        stickyQueueScheduleToStartTimeout: '1 s',
        maxHeartbeatThrottleInterval: '3 s',
        shutdownGraceTime: '10 s',
        ...asked,
        ...workflows,
        identity: given.identity ?? engine.id,
        connection,
        activities: { ...given.activities, ...engine.activities() },
      };
    },
    async runWorker(worker, next) {
      if (!engine || !connection) return next(worker);
      const { Worker } = await import('@temporalio/worker');
      try {
        await migrateDatabase(url);
        await engine.join(connection);
      } catch (error) {
        await engine.close();
        throw error;
      }
      const groups = await engine.groupWorkers(Worker, connection);
      const stop = () => {
        for (const group of groups) if (group.getState() === 'RUNNING') group.shutdown();
      };
      const own = { run: () => next(worker), shutdown: () => worker.getState() === 'RUNNING' && worker.shutdown() };
      const watching = setInterval(() => worker.getState() !== 'RUNNING' && worker.getState() !== 'INITIALIZED' && stop(), 200);
      try {
        await engine.serve([own, ...groups.map((group) => ({ run: () => group.run(), shutdown: stop }))]);
      } finally {
        clearInterval(watching);
        await flushTraces();
      }
    },
  };
}

/** A worker's options with what traces take. */
function withTracing(given: WorkerOptions, { activity, sinks }: WorkerTracing): WorkerOptions {
  const { interceptors = {} } = given;
  // A bundle that was made before has the interceptors that it was made with.
  const modules =
    given.workflowsPath === undefined ? {} : { workflowModules: [...(interceptors.workflowModules ?? []), tracedWorkflows()] };
  return {
    ...given,
    sinks: { ...sinks, ...given.sinks },
    interceptors: { ...interceptors, ...modules, activity: [...activity, ...(interceptors.activity ?? [])] },
  };
}

/** Task queues are named by the project, so the worker's queue is the project's name. */
function projectOf({ taskQueue }: WorkerOptions, folder: string | undefined): Project {
  const project = findProject(folder);
  if (!taskQueue || project.name === taskQueue) return project;
  if (project.name === DEFAULT_PROJECT) return { ...project, name: taskQueue };
  throw new UsageError(
    `this worker's task queue is '${taskQueue}', and the project at ${project.root} is named '${project.name}': give both one name, since runs are started on the queue of their project's name`,
  );
}

async function loadPipelines(
  project: Project,
  modules: readonly (string | URL)[] = project.pipelines,
): Promise<Map<string, ServedPipeline>> {
  const loaded = await Promise.all(modules.map((module) => loadModule(moduleFile(module instanceof URL ? module.pathname : module))));
  const found = loaded.flatMap(({ file, pipelines }) => pipelines.map((each) => ({ ...each, module: file })));
  if (!found.length)
    throw new UsageError(`flowymlPlugin() finds no pipeline: no file of ${project.root} fits 'pipelines' (default pipelines/*.ts)`);
  return servePipelines(found, compileTarget(project));
}

/** The SDK would hand a step to an activity of the user's that has its name. */
function checkActivities(activities: object, pipelines: ReadonlyMap<string, ServedPipeline>): void {
  const names = activities instanceof Map ? [...activities.keys()] : Object.keys(activities);
  const ours = new Map<string, string>([['default', "flowyml's own activity for all steps"]]);
  for (const name of Object.values(ACTIVITIES)) ours.set(name, 'an activity of flowyml');
  for (const [name, { plan }] of pipelines) {
    for (const step of plan.steps) {
      ours.set(step.name, `a step of pipeline '${name}'`);
      if (step.group !== undefined) ours.set(step.group, `an execution group of pipeline '${name}'`);
    }
  }
  for (const name of names) {
    const other = ours.get(name);
    if (other) throw new UsageError(`this worker has an activity '${name}', and so is named ${other}: rename one`);
  }
}

/** The worker's own workflows with flowyml's. */
async function workflowsOf(
  given: WorkerOptions,
  pipelines: ReadonlyMap<string, ServedPipeline>,
  traced: boolean,
): Promise<Pick<WorkerOptions, 'workflowsPath' | 'workflowBundle' | 'bundlerOptions'>> {
  if (given.workflowsPath !== undefined) return joinedWorkflows(given, [...pipelines.keys()]);
  const { workflowBundle: bundle } = given;
  if (!bundle) return { workflowBundle: { codePath: await workflowBundle({ traced }) } };
  const code = 'code' in bundle ? bundle.code : readFileSync(bundle.codePath, 'utf8');
  if (!code.includes(ACTIVITIES.planRun))
    throw new UsageError(
      "this worker's workflowBundle has no flowyml in it: add `export { default } from 'flowyml/workflows'` to the file it is made from",
    );
  return { workflowBundle: bundle };
}
