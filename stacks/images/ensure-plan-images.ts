import { needsImage, type PlanWorkers } from '../../pipelines/plan.ts';
import { openRegistry } from '../registries/open-registry.ts';
import { resolveVariables } from '../variables.ts';
import { type EnsuredImage, ensureImage } from './ensure-image.ts';
import { recipeOf } from './recipe.ts';

/** The image of an environment, and the groups that run in it. */
export interface PlanImage extends EnsuredImage {
  recipe: string;
  stack: string;
  groups: string[];
}

export interface EnsureImagesOptions {
  project: { root: string; name: string };
  dryRun?: boolean;
  onProgress?: ((line: string) => void) | undefined;
}

/**
 * Sees to it that the images of plans' workers are there, one for each distinct environment: builds what is missing, and pushes it
 * where the stack has a registry.
 * @throws UsageError, ImageBuildFailed, ServiceUnavailable, each with what to do
 */
export async function ensurePlanImages(
  all: Iterable<PlanWorkers>,
  { project, dryRun, onProgress }: EnsureImagesOptions,
): Promise<PlanImage[]> {
  const made = new Map<string, PlanImage>();
  for (const workers of all) {
    if (!needsImage(workers)) continue;
    const { stack, group } = workers;
    const recipe = recipeOf(workers);
    const known = made.get(recipe);
    if (known) {
      if (!known.groups.includes(group)) known.groups.push(group);
      continue;
    }
    const said = stack.containerRegistry;
    const image = await ensureImage({
      docker: resolveVariables(workers.docker ?? {}, `group '${group}': docker`),
      root: project.root,
      project: project.name,
      registry: said && (await openRegistry(resolveVariables(said, `stack '${stack.name}': container_registry`), project.root)),
      push: said !== undefined || workers.executor.type === 'vertex_ai',
      dryRun,
      onProgress,
    });
    made.set(recipe, { ...image, recipe, stack: stack.name, groups: [group] });
  }
  return [...made.values()];
}
