import { isAbsolute, resolve } from 'node:path';
import { importPlugin } from '../../loader/import-plugin.ts';
import type { ExecutorSpec } from '../../pipelines/stack-spec.ts';
import type { Executor, ExecutorFactory } from '../executor.ts';
import { docker } from '../images/docker-server.ts';
import { resolveVariables } from '../variables.ts';
import { type Finding, fine, wrong } from './stack-check.ts';

// The words of activities/place-problems.ts: a test holds the two together.
const NO_VERTEX = 'this version starts no Vertex AI jobs';
const POSSIBLE = "give the stack or the group the executor 'docker' or 'local' (--executor for one run)";
const METHODS = ['start', 'running', 'ended', 'stop'] as const satisfies readonly (keyof Executor)[];

/** Whether what is to run the steps can. */
export async function checkExecutor(spec: ExecutorSpec, project: { root: string; name: string }): Promise<Finding> {
  switch (spec.type) {
    case 'local':
      return fine("steps run on the project's workers");
    case 'docker':
      return fine('steps run in containers of this machine: see docker');
    case 'vertex_ai':
      return wrong(NO_VERTEX, POSSIBLE);
    case 'custom': {
      const { module, options = {} } = resolveVariables(spec, 'executor');
      const path = module.startsWith('.') || isAbsolute(module) ? resolve(project.root, module) : module;
      const loaded = (await importPlugin(path)) as { default?: unknown };
      if (typeof loaded.default !== 'function')
        return wrong(`${module}: its default export is no function`, 'export default (options, project) => executor');
      const made = (await (loaded.default as ExecutorFactory)(options, project)) as Partial<Executor> | undefined;
      const missing = METHODS.filter((name) => typeof made?.[name] !== 'function');
      if (missing.length)
        return wrong(`what ${module} makes lacks ${missing.map((name) => `${name}()`).join(', ')}`, 'see Executor of flowyml/worker');
      return fine(`${module} is loaded`);
    }
  }
}

/** Docker, for containers and to build images. */
export async function checkDocker(): Promise<Finding> {
  const { version, platform, host } = await docker();
  return fine(`${version}, ${platform}, at ${host.address} (${host.from})`);
}
