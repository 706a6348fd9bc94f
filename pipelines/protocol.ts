import type { JsonValue } from './json.ts';
import type { SlimStep } from './plan.ts';
import type { RunRequest } from './run-request.ts';
import type { ArtifactRef, ErrorInfo, RunStatus, StepResult } from './run-result.ts';

/** What the workflow and its activities say to each other. Histories hold these: fields may be added, never changed. */

/** Our own activities carry a character that no step's name may have. */
export const ACTIVITIES = {
  planRun: 'flowyml:planRun',
  resumeRun: 'flowyml:resumeRun',
  settleStep: 'flowyml:settleStep',
  finishRun: 'flowyml:finishRun',
} as const;

/** `ApplicationFailure` types that the workflow tells apart. */
export const FAILURES = {
  /** The run's plan cannot be made: the user's mistake. */
  plan: 'PlanError',
  /** This worker does not serve the pipeline, or has other code for it: another worker may. */
  notServed: 'NotServed',
  /** What a failed run's workflow fails with; its details hold the RunResult. */
  runFailed: 'RunFailed',
} as const;

export interface PlanRunArgs {
  executionId: string;
  /** ISO 8601. */
  startedAt: string;
  request: RunRequest;
}

/** How a step ended, as the workflow keeps it. */
export type StepOutcome = Omit<StepResult, 'group' | 'stack'>;

export interface PlannedRun {
  version: string;
  project: string;
  stack: string;
  steps: SlimStep[];
  /** Steps that have ended already. */
  done: Record<string, StepOutcome>;
  tags?: string[];
  /** Whether the server knows our search attributes; one that it does not know would stop the workflow for ever. */
  searchAttributes: boolean;
}

export interface ResumeRunArgs {
  executionId: string;
}

/** The argument of a step's activity. */
export interface StepTask {
  executionId: string;
  step: string;
  inputs: Record<string, ArtifactRef>;
  /** Absent where they are large: the worker reads them from the run's row. */
  params?: Record<string, JsonValue>;
}

/** The result of a step's activity. `novel` names outputs whose bytes nobody had made before. */
export type StepReport = StepOutcome & { novel?: string[] };

/** An end that no attempt could write, such as a total timeout: the row that stands under the step's key is what counts. */
export interface SettleStepArgs {
  executionId: string;
  step: string;
  outcome: StepOutcome;
}

export interface FinishRunArgs {
  executionId: string;
  status: RunStatus;
  error?: ErrorInfo;
  /** ISO 8601. */
  endedAt: string;
  /** Ends of steps that no attempt wrote: skipped and cancelled ones. */
  ends: Record<string, StepOutcome>;
}
