import { activityInfo } from '@temporalio/activity';
import { closeRun, readEnd, readEnds, updateRun, writeEnds } from '../metadata/index.ts';
import type { FinishRunArgs, ReadStepsArgs, RecordRunArgs, SettleStepArgs, StepOutcome } from '../pipelines/protocol.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withinBudget } from './inline-budget.ts';
import { reportEnds, runPlace } from './observer.ts';

const runId = () => activityInfo().workflowExecution?.workflowId ?? '';

/** Writes an end that no attempt wrote, and gives back the end that stands: an attempt may have been quicker. */
export async function settleStep(deps: ActivityDependencies, args: SettleStepArgs): Promise<StepOutcome> {
  const run = { runId: runId(), executionId: args.executionId };
  const ends = { [args.step]: args.outcome };
  reportEnds(deps.observer, ends, await writeEnds(deps.db, run, ends));
  return (await readEnd(deps.db, { ...run, step: args.step })) ?? args.outcome;
}

/** How steps ended, as far as they have. */
export async function readSteps(deps: ActivityDependencies, args: ReadStepsArgs): Promise<Record<string, StepOutcome>> {
  const ends = await readEnds(deps.db, { runId: runId(), executionId: args.executionId });
  return withinBudget(Object.fromEntries(Object.entries(ends).filter(([name]) => args.steps.includes(name))));
}

/** Notes what changed in a run that goes on: that it waits or pauses, and which steps were skipped. */
export async function recordRun(deps: ActivityDependencies, args: RecordRunArgs): Promise<void> {
  const run = { runId: runId(), executionId: args.executionId };
  if (args.ends) reportEnds(deps.observer, args.ends, await writeEnds(deps.db, run, args.ends));
  const change = { ...(args.status ? { status: args.status } : {}), ...(args.waiting ? { waiting: args.waiting } : {}) };
  if (Object.keys(change).length) await updateRun(deps.db, run, change);
}

/** Writes how a run ended, and the ends of the steps that never ran. */
export async function finishRun(deps: ActivityDependencies, args: FinishRunArgs): Promise<void> {
  const run = { runId: runId(), executionId: args.executionId };
  reportEnds(deps.observer, args.ends, await writeEnds(deps.db, run, args.ends));
  await closeRun(deps.db, run, { status: args.status, endedAt: new Date(args.endedAt), ...(args.error ? { error: args.error } : {}) });
  deps.observer.take({ kind: 'runEnded', ...runPlace(), status: args.status, ...(args.error ? { error: args.error } : {}) });
}
