import { resolve } from 'node:path';
import { importPlugin } from '../../loader/import-plugin.ts';
import { UsageError } from '../../pipelines/errors.ts';
import type { ContainerRegistrySpec } from '../../pipelines/stack-spec.ts';
import type { ContainerRegistry } from './container-registry.ts';

/**
 * A registry of one's own is made by its module; the others are known.
 * @throws UsageError for a module that makes none
 */
export async function openRegistry(spec: ContainerRegistrySpec, root: string): Promise<ContainerRegistrySpec | ContainerRegistry> {
  if (spec.type !== 'custom') return spec;
  const { module, options = {} } = spec;
  const loaded = (await importPlugin(module.startsWith('.') ? resolve(root, module) : module)) as { default?: unknown };
  if (typeof loaded.default !== 'function')
    throw new UsageError(`container_registry: ${module}: its default export is not a function (options) => registry`);
  const made: unknown = await (loaded.default as (options: object) => unknown)(options);
  if (typeof (made as Partial<ContainerRegistry> | null)?.uri !== 'string')
    throw new UsageError(`container_registry: what ${module} makes lacks its address, uri`);
  return made as ContainerRegistry;
}
