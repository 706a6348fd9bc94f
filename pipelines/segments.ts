import type { Node } from './graph.ts';

/** A step as cutting sees it. `colocated` names the group whose steps it may share a segment with. */
export interface Cuttable extends Node {
  colocated: string | undefined;
}

/**
 * Cuts steps into segments: sets that one worker runs in plan order. A step joins the oldest segment of its group that
 * it fits: one that no step outside it both follows and precedes. More is asked than that no path leaves a segment and
 * comes back: no two segments may wait for each other. Steps come in topological order; the result holds only segments of
 * two and more.
 */
export function cutSegments(steps: readonly Cuttable[]): string[][] {
  const units: { group: string | undefined; steps: string[]; after: Set<number> }[] = [];
  const unitOf = new Map<string, number>();
  for (const step of steps) {
    const before = new Set(step.dependsOn.map((name) => unitOf.get(name)).filter((unit) => unit !== undefined));
    let chosen = step.colocated === undefined ? -1 : units.findIndex((unit, i) => unit.group === step.colocated && fits(i, before));
    if (chosen < 0) chosen = units.push({ group: step.colocated, steps: [], after: new Set() }) - 1;
    units[chosen]?.steps.push(step.name);
    unitOf.set(step.name, chosen);
    for (const unit of before) if (unit !== chosen) units[unit]?.after.add(chosen);
  }
  return units.filter((unit) => unit.steps.length > 1).map((unit) => unit.steps);

  /** A step with these units before it may join a unit unless one of them comes, by whatever way, after that unit. */
  function fits(unit: number, before: ReadonlySet<number>): boolean {
    const seen = new Set([unit]);
    const open = [unit];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const next of units[at]?.after ?? []) {
        if (before.has(next)) return false;
        if (!seen.has(next)) {
          seen.add(next);
          open.push(next);
        }
      }
    }
    return true;
  }
}
