import { sha256OfJson } from '../../artifacts/hash.ts';
import type { PlanWorkers } from '../../pipelines/plan.ts';

/** What names an environment before anything is built: how its image is made, and where it is pushed to. */
export function recipeOf({ docker, stack }: Pick<PlanWorkers, 'docker' | 'stack'>): string {
  const { envVars, ...made } = docker ?? {};
  return sha256OfJson([made, stack.containerRegistry ?? null]);
}
