import { activityInfo } from '@temporalio/activity';
import type { AskCacheArgs, StepOutcome } from '../pipelines/protocol.ts';
import { answerSteps } from './answer.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withinBudget } from './inline-budget.ts';
import type { RunContexts } from './run-context.ts';

/** Answers what the cache can of steps that could start now, before a worker of their group is waited for. */
export async function askCache(
  deps: ActivityDependencies,
  contexts: RunContexts,
  args: AskCacheArgs,
): Promise<Record<string, StepOutcome>> {
  const { workflowType = '', workflowExecution } = activityInfo();
  const run = { runId: workflowExecution?.workflowId ?? '', executionId: args.executionId };
  const { steps, plan, params, request } = await contexts.of(run);
  const served = deps.pipelines.get(workflowType);
  if (!served) return {};
  const asked = args.steps.flatMap(({ step, inputs }) => {
    const planned = steps.get(step);
    return planned ? [{ step: planned, inputs }] : [];
  });
  return withinBudget(await answerSteps(deps, { run, request, params, served, plan }, asked));
}
