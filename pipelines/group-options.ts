import type { CompileTarget } from './compile.ts';
import { type GroupLimits, limitProblems, limitsOf } from './group-limits.ts';
import { hint } from './names.ts';
import type { AnyPipeline, GroupOptions } from './pipeline.ts';
import type { PlanStep } from './plan.ts';
import { resourceProblems } from './resources.ts';

// A record, so that the compiler asks for each option that is added.
const GROUP_OPTIONS: Record<keyof GroupOptions, true> = { resources: true, colocate: true, maxConcurrent: true, maxPerSecond: true };
const GROUP_KEYS = Object.keys(GROUP_OPTIONS);

/** What is wrong with what a pipeline says about a group. */
export function groupProblems(group: string, options: GroupOptions): string[] {
  const where = `group '${group}'`;
  if (typeof options !== 'object' || options === null) return [`${where}: ${JSON.stringify(options)} is not an object`];
  return [
    ...Object.keys(options).flatMap((key) =>
      GROUP_KEYS.includes(key) ? [] : [`${where}: unknown option '${key}'${hint(key, GROUP_KEYS)}`],
    ),
    ...(options.resources ? resourceProblems(options.resources, `${where}: resources`) : []),
    ...limitProblems(options, where),
  ];
}

/** The limits of the groups that a plan's steps name: flowyml.yaml's, else the pipeline's. */
export function usedLimits(steps: readonly PlanStep[], pipeline: AnyPipeline, target: CompileTarget): Record<string, GroupLimits> {
  const used = new Set(steps.flatMap((step) => step.group ?? []));
  return Object.fromEntries(
    [...used].flatMap((group) => {
      const limits = limitsOf(target.groups?.[group], pipeline.options.groups?.[group]);
      return limits ? [[group, limits] as const] : [];
    }),
  );
}
