import {
  ActivityCancellationType,
  type ActivityOptions,
  type LocalActivityOptions,
  proxyLocalActivities,
  scheduleActivity,
} from '@temporalio/workflow';
import type { SlimStep } from '../pipelines/plan.ts';
import { taskPriority } from '../pipelines/priority.ts';
import {
  ACTIVITIES,
  type AskCacheArgs,
  type CloseMapArgs,
  FAILURES,
  type FinishRunArgs,
  type OpenedMap,
  type OpenMapArgs,
  type PlannedRun,
  type PlanRunArgs,
  type ReadStepsArgs,
  type RecordRunArgs,
  type ResumeRunArgs,
  type SettleStepArgs,
  type StepOutcome,
  type Task,
} from '../pipelines/protocol.ts';

interface Bookkeeping {
  [ACTIVITIES.planRun](args: PlanRunArgs): Promise<PlannedRun>;
  [ACTIVITIES.resumeRun](args: ResumeRunArgs): Promise<PlannedRun>;
  [ACTIVITIES.settleStep](args: SettleStepArgs): Promise<StepOutcome>;
  [ACTIVITIES.readSteps](args: ReadStepsArgs): Promise<Record<string, StepOutcome>>;
  [ACTIVITIES.recordRun](args: RecordRunArgs): Promise<void>;
  [ACTIVITIES.askCache](args: AskCacheArgs): Promise<Record<string, StepOutcome>>;
  [ACTIVITIES.openMap](args: OpenMapArgs): Promise<OpenedMap>;
  [ACTIVITIES.closeMap](args: CloseMapArgs): Promise<StepOutcome>;
  [ACTIVITIES.finishRun](args: FinishRunArgs): Promise<void>;
}

// Waits above the threshold become timers in the history: a database that is away for an hour must not hold a workflow task open.
const BOOKKEEPING: LocalActivityOptions = {
  startToCloseTimeout: '1 minute',
  localRetryThreshold: '1500 ms',
  // What a worker does not serve is for another worker, not for another try here: the workflow task fails.
  retry: { initialInterval: '250 ms', backoffCoefficient: 2, maximumInterval: '5 s', nonRetryableErrorTypes: [FAILURES.notServed] },
};

/** What the workflow asks of the database; runs in the worker that has the workflow. */
export const bookkeeping = proxyLocalActivities<Bookkeeping>(BOOKKEEPING);

/** How long without a word from its worker before a step is given to another. The worker speaks every third of it. */
const HEARTBEAT_TIMEOUT = '10 s';

/**
 * Schedules an activity that runs steps. The retry policy is constant, so that a lost worker costs a second; the steps'
 * own attempts and waits are counted by the activity, which says when a failure is final.
 */
export function schedule<Report>(run: PlannedRun, type: string, place: SlimStep, task: Task): Promise<Report> {
  // What Temporal Web shows beside the step's name, in its timeline too.
  const summary = [place.group, place.summary].filter((part) => part !== undefined).join(' · ');
  const options: ActivityOptions = {
    ...(place.taskQueue === undefined ? {} : { taskQueue: place.taskQueue }),
    startToCloseTimeout: '3650 days',
    ...(place.totalTimeoutMs === undefined ? {} : { scheduleToCloseTimeout: place.totalTimeoutMs }),
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: '1 s', backoffCoefficient: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    ...(summary ? { summary } : {}),
    priority: taskPriority(run.project, run.priority),
  };
  return scheduleActivity<Report>(type, [task], options);
}
