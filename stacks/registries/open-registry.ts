import { UsageError } from '../../pipelines/errors.ts';
import type { ContainerRegistrySpec } from '../../pipelines/stack-spec.ts';
import { makePlugin } from '../plugin.ts';
import type { ContainerRegistry } from './container-registry.ts';

/**
 * A registry of one's own is made by its module; the others are known.
 * @throws UsageError for a module that makes none
 */
export async function openRegistry(spec: ContainerRegistrySpec, root: string): Promise<ContainerRegistrySpec | ContainerRegistry> {
  if (spec.type !== 'custom') return spec;
  const made = await makePlugin({ what: 'container registry', factory: '(options) => ContainerRegistry' }, spec, { root });
  if (typeof (made as Partial<ContainerRegistry> | null)?.uri !== 'string')
    throw new UsageError(`container registry: ${spec.module}: what its default export returns lacks its address, uri`);
  return made as ContainerRegistry;
}
