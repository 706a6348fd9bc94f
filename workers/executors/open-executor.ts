import { isAbsolute, resolve } from 'node:path';
import { importPlugin } from '../../loader/import-plugin.ts';
import { UsageError } from '../../pipelines/errors.ts';
import type { ExecutorSpec } from '../../pipelines/stack-spec.ts';
import type { Executor, ExecutorFactory } from '../../stacks/executor.ts';
import { resolveVariables } from '../../stacks/variables.ts';

const METHODS = ['start', 'running', 'ended', 'stop'] as const;

/**
 * The executor that a stack or group names.
 * @throws UsageError for a module that makes none, ServiceUnavailable where it cannot be reached
 */
export async function openExecutor(spec: ExecutorSpec, project: { name: string; root: string }): Promise<Executor> {
  if (spec.type === 'docker') {
    const { dockerExecutor } = await import('../docker/docker-executor.ts');
    return dockerExecutor();
  }
  if (spec.type !== 'custom') throw new UsageError(`executor '${spec.type}' starts no workers`);
  const { module, options = {} } = resolveVariables(spec, 'executor');
  const path = module.startsWith('.') || isAbsolute(module) ? resolve(project.root, module) : module;
  const loaded = (await importPlugin(path)) as { default?: unknown };
  if (typeof loaded.default !== 'function')
    throw new UsageError(`executor: ${module}: its default export is not a function (options, project) => executor`);
  const executor = await (loaded.default as ExecutorFactory)(options, project);
  const missing = METHODS.filter((name) => typeof (executor as Partial<Executor> | undefined)?.[name] !== 'function');
  if (missing.length) throw new UsageError(`executor: what ${module} makes lacks ${missing.map((name) => `${name}()`).join(', ')}`);
  return executor;
}
