import type { CompileTarget } from './compile.ts';
import { dockerProblems } from './docker.ts';
import { type GroupLimits, isCount, limitProblems, limitsOf, NO_COUNT } from './group-limits.ts';
import { hint } from './names.ts';
import type { AnyPipeline, GroupOptions } from './pipeline.ts';
import { EXECUTORS } from './placement.ts';
import type { PlanStep } from './plan.ts';
import { resourceProblems } from './resources.ts';

// A record, so that the compiler asks for each option that is added.
const GROUP_OPTIONS: Record<keyof GroupOptions, true> = {
  resources: true,
  executor: true,
  docker: true,
  replicas: true,
  minReplicas: true,
  colocate: true,
  maxConcurrent: true,
  maxPerSecond: true,
};
const GROUP_KEYS = Object.keys(GROUP_OPTIONS);

/** What is wrong with what a pipeline says about a group. */
export function groupProblems(group: string, options: GroupOptions): string[] {
  const where = `group '${group}'`;
  if (typeof options !== 'object' || options === null) return [`${where}: ${JSON.stringify(options)} is not an object`];
  return [
    ...Object.keys(options).flatMap((key) =>
      GROUP_KEYS.includes(key) ? [] : [`${where}: unknown option '${key}'${hint(key, GROUP_KEYS)}`],
    ),
    ...(options.resources && typeof options.resources !== 'string' ? resourceProblems(options.resources, `${where}: resources`) : []),
    ...(options.docker ? dockerProblems(options.docker, `${where}: docker`) : []),
    ...(options.replicas === undefined || isCount(options.replicas)
      ? []
      : [`${where}: replicas: ${JSON.stringify(options.replicas)} ${NO_COUNT}`]),
    ...executorProblems(options.executor, where),
    ...limitProblems(options, where),
  ];
}

function executorProblems(executor: GroupOptions['executor'], where: string): string[] {
  const type = typeof executor === 'object' ? executor.type : executor;
  if (type === undefined || type === 'custom' || (EXECUTORS as readonly string[]).includes(type)) return [];
  return [`${where}: executor '${type}' is unknown${hint(type, EXECUTORS)}`];
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
