import type { ArtifactRef } from '../pipelines/run-result.ts';

// What an activity's result may bring along inline: Temporal takes 2 MiB for one, and the references themselves need room.
const BUDGET = 256 * 1024;

/** Steps' ends, by name, without the values of their outputs where all together would be too large: workers read them from the database. */
export function withinBudget<T extends { outputs: Record<string, ArtifactRef> }>(ends: Record<string, T>): Record<string, T> {
  let left = BUDGET;
  return Object.fromEntries(
    Object.entries(ends).map(([step, end]) => {
      const outputs: Record<string, ArtifactRef> = {};
      for (const [name, ref] of Object.entries(end.outputs)) {
        const { value, ...bare } = ref;
        left -= value === undefined ? 0 : ref.size;
        outputs[name] = left < 0 ? bare : ref;
      }
      return [step, { ...end, outputs }];
    }),
  );
}
