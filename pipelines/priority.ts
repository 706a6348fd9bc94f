/** From 1, which goes first, to 5. */
export type RunPriority = 1 | 2 | 3 | 4 | 5;

/** What Temporal takes for a run that says none. */
export const USUAL_PRIORITY: RunPriority = 3;

export const isPriority = (value: unknown): value is RunPriority => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 5;

export const NO_PRIORITY = 'is not a priority: give a whole number from 1 (first) to 5';

/** What Temporal orders waiting tasks by. */
export interface TaskPriority {
  priorityKey?: RunPriority;
  fairnessKey: string;
}

/** What a run asks Temporal for: its priority, and its share beside those of other projects. */
export function taskPriority(project: string, priority: RunPriority | undefined): TaskPriority {
  return { fairnessKey: fairnessKey(project), ...(priority === undefined ? {} : { priorityKey: priority }) };
}

// Temporal takes up to 64 bytes; a UTF-16 unit becomes three at most.
const fairnessKey = (project: string) => (/^[\x20-\x7e]*$/.test(project) ? project.slice(0, 64) : project.slice(0, 21));
