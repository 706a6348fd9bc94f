import type { Plan } from '../pipelines/plan.ts';
import type { StackSpec } from '../pipelines/stack-spec.ts';
import { isUnset, unsetProblem, variablesOf } from '../stacks/variables.ts';

const STORE_KEY: Record<StackSpec['type'], string> = {
  local: 'artifact_path',
  gcp: 'bucket_name',
  aws: 's3_bucket',
  kubernetes: 'artifact_store',
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
      .map((stack) => {
        const key = STORE_KEY[stack.type];
        return `stack '${stack.name}' has no artifact store: give it ${key === 'artifact_store' ? 'an artifact_store' : `${key}, or an artifact_store`}`;
      }),
    ...Object.values(plan.workers ?? {}).flatMap(({ group, stack, executor }) => {
      if (executor.type !== 'vertex_ai') return [];
      return `group '${group}' on stack '${stack}': this version starts no Vertex AI jobs: give the stack or the group the executor 'docker' or 'local' (--executor for one run)`;
    }),
  ];
}
