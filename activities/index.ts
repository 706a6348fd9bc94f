import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { isDatabaseAway } from '../metadata/index.ts';
import { FlowymlError } from '../pipelines/errors.ts';
import {
  ACTIVITIES,
  type AskCacheArgs,
  type CloseMapArgs,
  type FinishRunArgs,
  type OpenMapArgs,
  type PlanRunArgs,
  type ReadStepsArgs,
  type RecordRunArgs,
  type ResumeRunArgs,
  type SettleStepArgs,
  type Task,
} from '../pipelines/protocol.ts';
import { askCache } from './ask-cache.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { finishRun, readSteps, recordRun, settleStep } from './finish-run.ts';
import { closeMap, openMap } from './maps.ts';
import { planRun, resumeRun } from './plan-run.ts';
import { RunContexts } from './run-context.ts';
import { runTask } from './run-step.ts';

export type { ActivityDependencies } from './dependencies.ts';
export type * from './observer.ts';
export { requestProblems } from './request.ts';
export { planFor } from './request-plan.ts';
export { type ServedPipeline, type ServeTarget, servePipelines } from './served-pipelines.ts';
export * from './step-runner.ts';

type Activity = (argument: never) => Promise<unknown>;

/** The activities that run on a pipeline's own queue, beside the workflow: they keep its books. */
export function bookkeepingActivities(deps: ActivityDependencies, contexts = new RunContexts(deps.db)): Record<string, Activity> {
  return {
    [ACTIVITIES.planRun]: (args: PlanRunArgs) => told(() => planRun(deps, args)),
    [ACTIVITIES.resumeRun]: (args: ResumeRunArgs) => told(() => resumeRun(deps, args)),
    [ACTIVITIES.settleStep]: (args: SettleStepArgs) => told(() => settleStep(deps, args)),
    [ACTIVITIES.readSteps]: (args: ReadStepsArgs) => told(() => readSteps(deps, args)),
    [ACTIVITIES.recordRun]: (args: RecordRunArgs) => told(() => recordRun(deps, args)),
    [ACTIVITIES.askCache]: (args: AskCacheArgs) => told(() => askCache(deps, contexts, args)),
    [ACTIVITIES.openMap]: (args: OpenMapArgs) => told(() => openMap(deps, contexts, args)),
    [ACTIVITIES.closeMap]: (args: CloseMapArgs) => told(() => closeMap(deps, args)),
    [ACTIVITIES.finishRun]: (args: FinishRunArgs) => told(() => finishRun(deps, args)),
  };
}

/** The activity that serves every step, whatever its name: Temporal's SDK hands unknown types to `default`. */
export function stepActivities(deps: ActivityDependencies): Record<string, Activity> {
  const contexts = new RunContexts(deps.db);
  return { default: (task: Task) => told(() => runTask(deps, contexts, task)) };
}

/** Errors cross to Temporal under their own name, with the retryability of their class. */
async function told<T>(activity: () => Promise<T>): Promise<T> {
  try {
    return await activity();
  } catch (error) {
    if (isDatabaseAway(error)) {
      throw ApplicationFailure.create({
        message: `PostgreSQL is away: ${(error as Error).message}`,
        type: 'ServiceUnavailable',
        nonRetryable: false,
        nextRetryDelay: '1 s',
      });
    }
    if (error instanceof FlowymlError)
      throw ApplicationFailure.create({ message: error.message, type: error.name, nonRetryable: !error.retryable });
    if (error instanceof TemporalFailure) throw error;
    // A mistake of ours: tried again in case it was a moment's, but not for ever.
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    throw ApplicationFailure.create({
      message: `${message} (${stack?.split('\n')[1]?.trim() ?? 'no stack'})`,
      type: name,
      nonRetryable: activityInfo().attempt >= INTERNAL_TRIES,
    });
  }
}

const INTERNAL_TRIES = 5;
