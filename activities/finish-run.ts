import { activityInfo } from '@temporalio/activity';
import { closeRun, writeEnds } from '../metadata/index.ts';
import { readEnds } from '../metadata/steps.ts';
import type { FinishRunArgs, SettleStepArgs, StepOutcome } from '../pipelines/protocol.ts';
import type { ActivityDependencies } from './dependencies.ts';

const runId = () => activityInfo().workflowExecution?.workflowId ?? '';

/** Writes an end that no attempt wrote, and gives back the end that stands: an attempt may have been quicker. */
export async function settleStep(deps: ActivityDependencies, args: SettleStepArgs): Promise<StepOutcome> {
  const run = { runId: runId(), executionId: args.executionId };
  await writeEnds(deps.db, run, { [args.step]: args.outcome });
  return (await readEnds(deps.db, run))[args.step] ?? args.outcome;
}

/** Writes how a run ended, and the ends of the steps that never ran. */
export async function finishRun(deps: ActivityDependencies, args: FinishRunArgs): Promise<void> {
  const run = { runId: runId(), executionId: args.executionId };
  await writeEnds(deps.db, run, args.ends);
  await closeRun(deps.db, run, { status: args.status, endedAt: new Date(args.endedAt), ...(args.error ? { error: args.error } : {}) });
}
