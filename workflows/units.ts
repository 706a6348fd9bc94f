import type { SlimStep } from '../pipelines/plan.ts';

/** What is scheduled at once: a step, or the steps of a segment in plan order. */
export interface Unit {
  /** The name of the first step. */
  id: string;
  steps: SlimStep[];
}

/** The units of a run's steps. Steps that belong to no run's course (hooks) are left out. */
export function unitsOf(steps: readonly SlimStep[]): Unit[] {
  const units = new Map<string | number, Unit>();
  for (const step of steps) {
    if (step.hook) continue;
    const key = step.segment ?? step.name;
    const unit = units.get(key);
    if (unit) unit.steps.push(step);
    else units.set(key, { id: step.name, steps: [step] });
  }
  return [...units.values()];
}
