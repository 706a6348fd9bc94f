import type { ArtifactStore } from '../artifacts/store.ts';
import type { Plan, PlanStep } from '../pipelines/plan.ts';
import { type StoreTarget, storeOf, storeTarget } from '../stacks/stores/stack-stores.ts';
import type { ActivityDependencies } from './dependencies.ts';

type Stacks = Pick<Plan, 'stack' | 'stacks'>;

/** The artifact store of a step's stack. It knows those of the run's other stacks too: what crosses is copied. */
export function targetOf({ root, stacks, stack }: ActivityDependencies, plan: Stacks, step?: Pick<PlanStep, 'stack'>): StoreTarget {
  const name = step?.stack ?? plan.stack;
  const spec = plan.stacks?.[name] ?? stacks[name] ?? stacks[stack] ?? { name, type: 'local' };
  return storeTarget(root, spec, [...Object.values(plan.stacks ?? {}), ...Object.values(stacks)]);
}

export const stepStore = (deps: ActivityDependencies, plan: Stacks, step?: Pick<PlanStep, 'stack'>): ArtifactStore =>
  storeOf(targetOf(deps, plan, step));
