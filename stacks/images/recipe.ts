import { sha256OfJson } from '../../artifacts/hash.ts';
import type { Plan, PlanWorkers } from '../../pipelines/plan.ts';

/** What names an environment before anything is built: how its image is made, and where it is pushed to. */
export function recipeOf({ docker, stack }: PlanWorkers, { stacks = {} }: Pick<Plan, 'stacks'>): string {
  const { envVars, ...made } = docker ?? {};
  return sha256OfJson([made, stacks[stack]?.containerRegistry ?? null]);
}
