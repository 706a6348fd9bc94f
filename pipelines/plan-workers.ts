import { given } from './config-class.ts';
import { groupDocker, isLocal, type Place, type Placement } from './placement.ts';
import type { PlanStep, PlanWorkers } from './plan.ts';
import { NO_GROUP } from './plan-step.ts';
import { envelope } from './resources.ts';

/** The workers that executors are to start for a plan's queues, by queue. `note` gets what is wrong with a group as a whole. */
export function planWorkers(
  steps: readonly PlanStep[],
  places: ReadonlyMap<string, Place>,
  placement: Placement,
  note: (problem: string | undefined) => void,
): Record<string, PlanWorkers> {
  for (const problem of dividedGroups(steps, placement)) note(problem);
  const queues = new Map<string, { step: PlanStep; place: Place }[]>();
  for (const step of steps) {
    const place = places.get(step.name);
    if (place && !isLocal(place.executor)) queues.set(step.taskQueue, [...(queues.get(step.taskQueue) ?? []), { step, place }]);
  }
  return Object.fromEntries(
    [...queues].flatMap(([queue, members]) => {
      const [{ step, place } = {}] = members;
      if (!step || !place) return [];
      const group = step.group ?? NO_GROUP;
      const docker = groupDocker(members.map((each) => ({ step: each.step.name, docker: each.place.docker })));
      if ('problem' in docker) {
        note(`group '${group}': ${docker.problem}: give them groups of their own`);
        return [];
      }
      const resources = envelope(members.flatMap((each) => each.place.resources ?? []));
      const options = placement.group(step);
      const { executor } = place;
      const most = options.replicas ?? ('replicas' in executor ? executor.replicas : undefined);
      if (resources.autoscaling && executor.type === 'vertex_ai')
        note(`group '${group}': autoscaling: its executor starts one job for what there is to do: leave it out`);
      const replicas = most ?? (resources.autoscaling ? AUTOSCALED : 1);
      const workers: PlanWorkers = {
        stack: place.stack,
        group,
        executor,
        ...(Object.keys(resources).length ? { resources } : {}),
        ...docker,
        replicas,
        ...(given({ minReplicas: resources.autoscaling ? Math.min(options.minReplicas ?? 0, replicas) : undefined }) as object),
      };
      return [[queue, workers] as const];
    }),
  );
}

// Workers at most, where a group's number follows its queue and nothing is said.
const AUTOSCALED = 4;

/** A group's steps share its workers: they must be on one stack, and of one executor. */
function dividedGroups(steps: readonly PlanStep[], placement: Placement): string[] {
  const first = new Map<string, PlanStep>();
  return steps.flatMap((step) => {
    if (step.group === undefined) return [];
    const other = first.get(step.group);
    if (!other) {
      first.set(step.group, step);
      return [];
    }
    const [a, b] = [other.stack ?? placement.stack.name, step.stack ?? placement.stack.name];
    if (a === b) return [];
    return [
      `group '${step.group}': steps '${other.name}' and '${step.name}' name different stacks, '${a}' and '${b}': give them groups of their own`,
    ];
  });
}
