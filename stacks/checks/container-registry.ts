import type { ContainerRegistrySpec } from '../../pipelines/stack-spec.ts';
import { containerRegistry, imageName, optionsFor, repositoryOf } from '../registries/container-registry.ts';
import { openRegistry } from '../registries/open-registry.ts';
import { parseReference } from '../registries/reference.ts';
import { checkPush } from '../registries/registry-client.ts';
import { resolveVariables } from '../variables.ts';
import { type Finding, fine } from './stack-check.ts';

/** Begins an upload under the name that the project's images get, and takes it back: nothing is pushed. */
export async function checkContainerRegistry(said: ContainerRegistrySpec, project: { root: string; name: string }): Promise<Finding> {
  const opened = await openRegistry(resolveVariables(said, 'container_registry'), project.root);
  const registry = 'type' in opened ? containerRegistry(opened as ContainerRegistrySpec) : opened;
  const reference = parseReference(imageName(repositoryOf(project.name), registry), 'container_registry.uri');
  await checkPush(reference, optionsFor(registry, reference.host));
  return fine(`images can be pushed to ${registry.uri}`);
}
