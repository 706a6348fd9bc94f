import { resolve } from 'node:path';
import { nodeArguments } from '../../loader/spawn.ts';
import type { PlanWorkers } from '../../pipelines/plan.ts';
import type { StackSpec } from '../../pipelines/stack-spec.ts';
import type { TemporalTarget } from '../../services/temporal/connection.ts';
import type { WorkerRequest } from '../../stacks/executor.ts';
import type { Project } from '../../stacks/project.ts';
import { resolveVariables } from '../../stacks/variables.ts';
import { QUEUE_WORKER, type QueueWorkerTask } from '../queue-worker.ts';
import { credentialFiles } from './credential-files.ts';
import { workerEnv } from './worker-env.ts';

const COMMAND = new URL('../../cli/main.ts', import.meta.url);
// Kept warm for the next run, or the next step of this one.
const IDLE_MS = 5 * 60_000;
// Where their number follows the queue.
const IDLE_AUTOSCALED_MS = 30_000;

/** What an executor is asked for: a worker for a queue that a plan needs served. */
export function workerRequest(
  { project, temporal, databaseUrl }: { project: Project; temporal: TemporalTarget; databaseUrl: string },
  queue: string,
  need: PlanWorkers,
  name: string,
): WorkerRequest {
  const { stack, group, executor, minReplicas, image, resources, docker, modules = [] } = need;
  const asked = executor.type === 'docker' ? executor.idleTimeoutMs : undefined;
  const credentials = credentialFiles([stack, ...Object.values(project.stacks)]);
  const task: QueueWorkerTask = {
    name,
    project: project.name,
    queue,
    group,
    stack,
    modules,
    idleMs: asked ?? (minReplicas === undefined ? IDLE_MS : IDLE_AUTOSCALED_MS),
  };
  return {
    name,
    project: project.name,
    root: project.root,
    queue,
    group,
    stack: stack.name,
    ...(image === undefined ? {} : { image }),
    ...(resources ? { resources } : {}),
    env: {
      ...credentials.env,
      ...resolveVariables(docker?.envVars ?? {}, `group '${group}': docker.env_vars`),
      ...workerEnv(temporal, databaseUrl, [stack, ...Object.values(project.stacks)]),
      [QUEUE_WORKER]: JSON.stringify(task),
    },
    args: ['queue-worker'],
    command: [process.execPath, ...nodeArguments(COMMAND), 'queue-worker'],
    folders: storeFolders(project, stack),
    files: credentials.files,
  };
}

/** The local stores that its steps write to, and those they may find their inputs in. */
function storeFolders(project: Project, stack: StackSpec): WorkerRequest['folders'] {
  const folders = new Map<string, boolean>();
  for (const each of [...Object.values(project.stacks), stack]) {
    const { artifactStore } = each;
    if (artifactStore?.type !== 'local') continue;
    const path = resolve(project.root, resolveVariables(artifactStore.path, `stack '${each.name}'`));
    folders.set(path, folders.get(path) === true || each === stack);
  }
  return [...folders].map(([path, writable]) => ({ path, writable }));
}
