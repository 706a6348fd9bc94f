import type { Plan } from '../pipelines/plan.ts';
import type { StackSpec } from '../pipelines/stack-spec.ts';
import { isUnset, unsetProblem, variablesOf } from './variables.ts';

const STORE_KEY: Record<StackSpec['type'], string> = {
  local: 'artifact_path',
  gcp: 'bucket_name',
  aws: 's3_bucket',
  kubernetes: 'artifact_store',
};

/** What a stack lacks that names no artifact store. */
export const storeRemedy = (type: StackSpec['type']) =>
  STORE_KEY[type] === 'artifact_store' ? 'an artifact_store' : `${STORE_KEY[type]}, or an artifact_store`;

/** Why an executor that is planned for runs nothing, and what to do. */
export const NO_VERTEX = {
  problem: 'this version starts no Vertex AI jobs',
  remedy: "give the stack or the group the executor 'docker' or 'local' (--executor for one run)",
};

/** Why a plan cannot be run where it says: components that its stacks lack, executors that this version does not have. */
export function placeProblems(plan: Plan): string[] {
  const stacks = Object.values(plan.stacks ?? {});
  return [
    ...new Set(
      stacks.flatMap((stack) =>
        variablesOf(stack)
          .filter((use) => isUnset(use))
          .map((use) => unsetProblem(use, `stack '${stack.name}'`)),
      ),
    ),
    ...stacks
      .filter((stack) => !stack.artifactStore)
      .map(({ name, type }) => `stack '${name}' has no artifact store: give it ${storeRemedy(type)}`),
    ...Object.values(plan.workers ?? {}).flatMap(({ group, stack, executor }) =>
      executor.type === 'vertex_ai' ? [`group '${group}' on stack '${stack.name}': ${NO_VERTEX.problem}: ${NO_VERTEX.remedy}`] : [],
    ),
  ];
}
