import type { JsonValue } from './json.ts';
import type { SlimStep } from './plan.ts';
import type { RunPriority } from './priority.ts';
import type { RunRequest } from './run-request.ts';
import type { ArtifactRef, ErrorInfo, RunResult, RunStatus, StepResult } from './run-result.ts';

/** What the workflow and its activities say to each other. Histories hold these: fields may be added, never changed. */

/** Our own activities carry a character that no step's name may have. */
export const ACTIVITIES = {
  planRun: 'flowyml:planRun',
  resumeRun: 'flowyml:resumeRun',
  settleStep: 'flowyml:settleStep',
  readSteps: 'flowyml:readSteps',
  recordRun: 'flowyml:recordRun',
  askCache: 'flowyml:askCache',
  openMap: 'flowyml:openMap',
  closeMap: 'flowyml:closeMap',
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
  /** ISO 8601: the time for which a schedule started it. */
  scheduledTime?: string;
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
  /** The run's own, or its pipeline's. */
  priority?: RunPriority;
  /** Every step was answered from the cache, and the run's end is written. */
  finished?: true;
  /** Whether the server knows our search attributes; one that it does not know would stop the workflow for ever. */
  searchAttributes: boolean;
}

export interface ResumeRunArgs {
  executionId: string;
}

/** The argument of a step's activity: one of the kinds below. */
export type Task = StepTask | SegmentTask | BatchTask;

/** One step; its fallback, where the step itself has failed for good; or a hook, which is told how the run ended. */
export interface StepTask {
  executionId: string;
  step: string;
  inputs: Record<string, ArtifactRef>;
  /** Absent where they are large: the worker reads them from the run's row. */
  params?: Record<string, JsonValue>;
  /** Call the step's fallback instead, for this failure. */
  fallbackFor?: ErrorInfo & { attempts: number; durationMs: number };
  /** Make it again: the artifact of this hash, which it made, is gone or damaged. */
  replace?: string;
  /** For hooks. */
  result?: RunResult;
}

/** Steps that run one after the other. Inputs that one makes for another of them are not listed. */
export interface SegmentTask {
  executionId: string;
  segment: StepTask[];
}

/** A batch of a map's items: those from `from` up to but without `to`. */
export interface BatchTask extends StepTask {
  batch: { index: number; from: number; to: number };
}

export interface SegmentReport {
  reports: Record<string, StepReport>;
}

/** Steps that could start: is any of them answered by an earlier run? */
export interface AskCacheArgs {
  executionId: string;
  steps: { step: string; inputs: Record<string, ArtifactRef> }[];
}

export interface ReadStepsArgs {
  executionId: string;
  steps: string[];
}

/** What changed in a run while it goes on. */
export interface RecordRunArgs {
  executionId: string;
  status?: RunStatus;
  /** Approvals that wait, by step. */
  waiting?: Record<string, WaitingApproval>;
  /** Ends of steps that no attempt wrote: skipped ones. */
  ends?: Record<string, StepOutcome>;
}

export interface WaitingApproval {
  message?: string;
  /** ISO 8601, UTC. */
  since: string;
  until?: string;
}

export interface OpenMapArgs {
  executionId: string;
  step: string;
  items: ArtifactRef;
}

export interface OpenedMap {
  items: number;
  /** Batches that an earlier worker has finished. */
  done: number[];
}

export interface CloseMapArgs {
  executionId: string;
  step: string;
  inputs: Record<string, ArtifactRef>;
  batches: number;
  items: number;
  durationMs: number;
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
