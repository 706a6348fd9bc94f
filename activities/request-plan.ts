import { given } from '../pipelines/config-class.ts';
import { PlanError } from '../pipelines/errors.ts';
import type { PlacementOverrides } from '../pipelines/placement.ts';
import type { Plan } from '../pipelines/plan.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import { placeProblems } from '../stacks/place-problems.ts';
import { readStack } from '../stacks/stack-object.ts';
import type { ServedPipeline } from './served-pipelines.ts';

/** The plan for a request, or what is wrong with where it is to run. */
export function planFor(served: ServedPipeline, request: RunRequest): { plan: Plan; planHash: string; problems: string[] } {
  const { stack, executor, orchestrator, resources, docker } = request;
  const named = stack === served.plan.stack ? undefined : stack;
  const run = given({ stack: typeof named === 'object' ? readStack(named) : named, executor, orchestrator, resources, docker });
  try {
    const { plan, planHash } = Object.keys(run).length ? served.planFor(run as PlacementOverrides) : served;
    return { plan, planHash, problems: placeProblems(plan) };
  } catch (error) {
    if (error instanceof PlanError) return { ...served, problems: [...error.problems] };
    throw error;
  }
}
