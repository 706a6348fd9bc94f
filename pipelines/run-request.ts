import type { JsonValue } from './json.ts';
import type { PlacementOverrides } from './placement.ts';
import type { RunPriority } from './priority.ts';

/** The one argument of every pipeline's workflow. All fields are optional. */
export interface RunRequest extends PlacementOverrides {
  /** Values for the pipeline's params; they win over its context. */
  params?: Record<string, JsonValue>;
  /** `false`: nothing is reused and nothing kept; `'refresh'`: nothing is reused, what is made is kept. */
  cache?: boolean | 'refresh';
  /** Steps that run again, whatever the cache says. */
  recompute?: string[];
  tags?: string[];
  experiment?: string;
  /** A label; the task queues are named by flowyml.yaml's `project`. */
  project?: string;
  /** How early its tasks are taken from a queue that is full: 1 first, 5 last; the pipeline's unless given, else 3. */
  priority?: RunPriority;
  /** The hash of the pipeline's code that the run is meant for; a worker with other code leaves it to another. */
  codeHash?: string;
  debug?: boolean;
  /** Images by the recipes of the plan's environments: those that were made for this very run. */
  images?: Record<string, string>;
  /** A run whose steps that succeeded are taken over, whatever the cache says. Its params hold unless others are given. */
  resumeFrom?: string;
  /** With `resumeFrom`: this step and all that come after it run again. */
  forceFrom?: string;
  /** The time that the run stands for (ISO 8601): what `{{ scheduled_time }}` in its params means. Runs of a schedule know it. */
  scheduledTime?: string;
  /** For `{{ scheduled_date }}`; UTC unless given. */
  timezone?: string;
}

/** The argument of the updates (and signals) `approve` and `reject`. */
export interface ApprovalRequest {
  step: string;
  by: string;
  comment?: string;
}

/** Names that programs in any language use to talk to a run's workflow. */
export const STATUS_QUERY = 'status';
export const APPROVE = 'approve';
export const REJECT = 'reject';
export const PAUSE = 'pause';
export const RESUME = 'resume';

/** Search attributes that a run's workflow carries. */
export const SEARCH_ATTRIBUTES = {
  project: 'FlowymlProject',
  stack: 'FlowymlStack',
  status: 'FlowymlStatus',
  failedStep: 'FlowymlFailedStep',
  tags: 'FlowymlTags',
} as const;
