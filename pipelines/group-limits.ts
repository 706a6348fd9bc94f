/** How much of a group may run, whoever asks for it: across all runs, workers and machines. */
export interface GroupLimits {
  /** At most so many of its steps (batches of a map, segments) run at once. */
  maxConcurrent?: number;
  /** At most so many of its tasks are handed to workers in a second; below 1 for less than one a second. */
  maxPerSecond?: number;
}

/** What is wrong with a group's limits. `where` names the group. */
export function limitProblems({ maxConcurrent, maxPerSecond }: GroupLimits, where: string): string[] {
  return [
    ...(maxConcurrent === undefined || isCount(maxConcurrent)
      ? []
      : [`${where}: maxConcurrent: ${JSON.stringify(maxConcurrent)} ${NO_COUNT}`]),
    ...(maxPerSecond === undefined || isRate(maxPerSecond) ? [] : [`${where}: maxPerSecond: ${JSON.stringify(maxPerSecond)} ${NO_RATE}`]),
  ];
}

export const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1;
export const isRate = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value > 0;
export const NO_COUNT = 'is not a whole number of at least 1';
export const NO_RATE = 'is not a number above 0';

/** A group's limits of which the first one given wins, each for itself; undefined where there are none. */
export function limitsOf(...sources: (GroupLimits | undefined)[]): GroupLimits | undefined {
  const maxConcurrent = sources.find((each) => each?.maxConcurrent !== undefined)?.maxConcurrent;
  const maxPerSecond = sources.find((each) => each?.maxPerSecond !== undefined)?.maxPerSecond;
  return limits(maxConcurrent, maxPerSecond);
}

/** The limits of groups that several pipelines share: where they disagree the smaller one holds. */
export function smallestLimits(plans: Iterable<{ groups?: Record<string, GroupLimits> }>): Map<string, GroupLimits> {
  const smallest = new Map<string, GroupLimits>();
  const lesser = (a: number | undefined, b: number | undefined) => (a === undefined || b === undefined ? (a ?? b) : Math.min(a, b));
  for (const { groups = {} } of plans) {
    for (const [group, own] of Object.entries(groups)) {
      const before = smallest.get(group);
      const both = limits(lesser(before?.maxConcurrent, own.maxConcurrent), lesser(before?.maxPerSecond, own.maxPerSecond));
      if (both) smallest.set(group, both);
    }
  }
  return smallest;
}

function limits(maxConcurrent: number | undefined, maxPerSecond: number | undefined): GroupLimits | undefined {
  if (maxConcurrent === undefined && maxPerSecond === undefined) return undefined;
  return { ...(maxConcurrent === undefined ? {} : { maxConcurrent }), ...(maxPerSecond === undefined ? {} : { maxPerSecond }) };
}
