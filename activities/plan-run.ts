import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { findPlan, findRun, openRun, readEnds } from '../metadata/index.ts';
import { PlanError } from '../pipelines/errors.ts';
import type { JsonValue } from '../pipelines/json.ts';
import { paramProblems, paramValues } from '../pipelines/params.ts';
import type { Plan, PlanStep, SlimStep } from '../pipelines/plan.ts';
import { FAILURES, type PlannedRun, type PlanRunArgs, type ResumeRunArgs } from '../pipelines/protocol.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { requestProblems } from './request.ts';
import type { ServedPipeline } from './served-pipelines.ts';

// A step's params stand in the history where a person can read them; large ones are read from the run's row instead.
const PARAMS_IN_HISTORY = 1024;

/** Plans a run and opens it: the one place where a run's request meets the pipeline's code. */
export async function planRun(deps: ActivityDependencies, args: PlanRunArgs): Promise<PlannedRun> {
  const { workflowType: name = '', workflowExecution } = activityInfo();
  const served = servedPipeline(deps, name, args.request.codeHash);
  const request = args.request ?? {};
  let problems = requestProblems(request, served.plan.stack);
  if (!problems.length) problems = paramProblems(served.pipeline, request.params ?? {});
  if (problems.length) {
    const { message } = new PlanError(`pipeline '${name}'`, problems);
    throw ApplicationFailure.nonRetryable(message, FAILURES.plan);
  }
  const params = paramValues(served.pipeline, request.params ?? {});
  await openRun(deps.db, {
    runId: workflowExecution?.workflowId ?? '',
    executionId: args.executionId,
    plan: served.plan,
    planHash: served.planHash,
    request,
    params,
    module: served.module,
    startedAt: new Date(args.startedAt),
  });
  return plannedRun(deps, served.plan, params, request.project, request.tags);
}

/** What a run that continues as new needs to go on: its plan as it was, and how its steps have ended so far. */
export async function resumeRun(deps: ActivityDependencies, args: ResumeRunArgs): Promise<PlannedRun> {
  const runId = activityInfo().workflowExecution?.workflowId ?? '';
  const run = await findRun(deps.db, runId, args.executionId);
  const plan = run && (await findPlan(deps.db, run.planHash));
  if (!run || !plan) throw ApplicationFailure.nonRetryable(`run '${runId}' is not in the database that this worker uses`, FAILURES.plan);
  const done = await readEnds(deps.db, { runId, executionId: args.executionId });
  return { ...plannedRun(deps, plan, run.params, run.request.project, run.tags), done };
}

/** A worker that does not serve a pipeline, or has other code for it, leaves the run to another. */
export function servedPipeline(deps: ActivityDependencies, name: string, wantedHash: string | undefined): ServedPipeline {
  const served = deps.pipelines.get(name);
  if (!served) {
    const known = [...deps.pipelines.keys()].join(', ') || 'none';
    throw ApplicationFailure.nonRetryable(
      `worker ${deps.workerId} does not serve pipeline '${name}' (it serves: ${known}); start one that does: flowyml worker MODULE`,
      FAILURES.notServed,
    );
  }
  if (wantedHash !== undefined && wantedHash !== served.codeHash) {
    throw ApplicationFailure.nonRetryable(
      `worker ${deps.workerId} has other code for pipeline '${name}' than the run was started with: restart the worker`,
      FAILURES.notServed,
    );
  }
  return served;
}

function plannedRun(
  deps: ActivityDependencies,
  plan: Plan,
  params: Record<string, JsonValue>,
  project?: string,
  tags?: string[],
): PlannedRun {
  const allTags = [...new Set([...(plan.tags ?? []), ...(tags ?? [])])];
  return {
    version: plan.version,
    project: project ?? plan.project,
    stack: plan.stack,
    steps: plan.steps.map((step) => slimStep(step, params)),
    done: {},
    searchAttributes: deps.searchAttributes,
    ...(allTags.length ? { tags: allTags } : {}),
  };
}

function slimStep(step: PlanStep, params: Record<string, JsonValue>): SlimStep {
  const own = stepParams(step, params);
  return {
    name: step.name,
    ...(step.description === undefined ? {} : { summary: step.description.slice(0, 120) }),
    inputs: step.inputs,
    dependsOn: step.dependsOn,
    ...(step.group === undefined ? {} : { taskQueue: step.taskQueue, group: step.group }),
    ...(JSON.stringify(own).length <= PARAMS_IN_HISTORY ? { params: own } : {}),
    ...(step.totalTimeoutMs === undefined ? {} : { totalTimeoutMs: step.totalTimeoutMs }),
  };
}

/** The values that a step declares, of all the run has; those with a default may be absent. */
export function stepParams(step: PlanStep, params: Record<string, JsonValue>): Record<string, JsonValue> {
  return Object.fromEntries(step.params.flatMap((name) => (params[name] === undefined ? [] : [[name, params[name]]])));
}
