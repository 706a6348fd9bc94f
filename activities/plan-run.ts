import { relative } from 'node:path';
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { closeRun, findPlan, findRun, openRun, readEnds, writeEnds } from '../metadata/index.ts';
import { PlanError } from '../pipelines/errors.ts';
import type { JsonValue } from '../pipelines/json.ts';
import { isAssetInput, type Plan, type PlanStep, type SlimStep } from '../pipelines/plan.ts';
import { FAILURES, type PlannedRun, type PlanRunArgs, type ResumeRunArgs } from '../pipelines/protocol.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import { answerPlan } from './answer.ts';
import { pinAssets } from './asset-inputs.ts';
import { cachePolicy } from './cache-key.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withinBudget } from './inline-budget.ts';
import { runPlace } from './observer.ts';
import { withImages } from './plan-images.ts';
import { requestProblems } from './request.ts';
import { planFor } from './request-plan.ts';
import { type Reuse, reuseOf } from './reuse.ts';
import { runParams } from './run-params.ts';
import { servedPipeline } from './served-pipeline.ts';
import { stepStore } from './step-store.ts';

// A step's params stand in the history where a person can read them; large ones are read from the run's row instead.
const PARAMS_IN_HISTORY = 1024;

/** Plans a run and opens it: the one place where a run's request meets the pipeline's code. */
export async function planRun(deps: ActivityDependencies, args: PlanRunArgs): Promise<PlannedRun> {
  const { workflowType: name = '', workflowExecution } = activityInfo();
  const served = await servedPipeline(deps, name, args.request?.codeHash, 'plan');
  const request = args.request ?? {};
  let problems = requestProblems(request);
  let base = problems.length ? { ...served, problems } : planFor(served, request);
  if (base.plan.workers && !base.problems.length) {
    const module = relative(deps.root, served.module);
    base = await withImages(deps.db, deps.project, base.plan, { module, given: request.images });
  }
  problems = base.problems;
  let reuse: Reuse | undefined;
  if (!problems.length && request.resumeFrom !== undefined) {
    reuse = await reuseOf(deps.db, stepStore(deps, base.plan), base.plan, request.resumeFrom, request.forceFrom);
    if ('problems' in reuse) problems = reuse.problems;
  }
  const earlier = reuse && 'from' in reuse ? reuse : undefined;
  // Times and zones in a request with problems may be none.
  const made = problems.length ? undefined : runParams(served.pipeline, { ...args, request }, earlier?.from);
  if (made) problems = made.problems;
  const pinned = await pinAssets(deps.db, base, earlier && (await findPlan(deps.db, earlier.from.planHash)));
  problems.push(...pinned.problems);
  if (!made || problems.length) {
    deps.observer.take({ kind: 'runEnded', ...runPlace(), status: 'refused' });
    const { message } = new PlanError(`pipeline '${name}'`, problems);
    throw ApplicationFailure.nonRetryable(message, FAILURES.plan);
  }
  const { params } = made;
  const run = { runId: workflowExecution?.workflowId ?? '', executionId: args.executionId };
  const planHash = await openRun(deps.db, {
    ...run,
    plan: pinned.plan,
    planHash: pinned.planHash,
    codes: served.codes,
    request: made.request,
    params,
    module: served.module,
    startedAt: new Date(args.startedAt),
  });
  if (base.plan.workers) deps.onNeed?.();
  const taken = earlier?.ends ?? {};
  if (earlier) await writeEnds(deps.db, run, taken);
  // A worker with other code may have planned it before, and died: its plan stands.
  const plan = planHash === pinned.planHash ? pinned.plan : ((await findPlan(deps.db, planHash)) ?? pinned.plan);
  const standing = await readEnds(deps.db, run);
  const answered = await answerPlan(deps, { run, request, params, served, plan }, plan, { ...taken, ...standing });
  const done = { ...taken, ...standing, ...answered };
  const planned = { ...plannedRun(deps, plan, params, request), done: withinBudget(done) };
  const place = runPlace();
  const cached = Object.keys(answered).length;
  deps.observer.take({ kind: 'runPlanned', ...place, params: Object.keys(params).sort(), steps: plan.steps.length, cached });
  if (!plan.steps.every((step) => done[step.name] && done[step.name]?.status !== 'failed')) return planned;
  // All of it was known: the run is over before it began.
  await closeRun(deps.db, run, { status: 'succeeded', endedAt: new Date() });
  deps.observer.take({ kind: 'runEnded', ...place, status: 'succeeded' });
  return { ...planned, finished: true };
}

/** What a run that continues as new needs to go on: its plan as it was, and how its steps have ended so far. */
export async function resumeRun(deps: ActivityDependencies, args: ResumeRunArgs): Promise<PlannedRun> {
  const runId = activityInfo().workflowExecution?.workflowId ?? '';
  const run = await findRun(deps.db, runId, args.executionId);
  const plan = run && (await findPlan(deps.db, run.planHash));
  if (!run || !plan) throw ApplicationFailure.nonRetryable(`run '${runId}' is not in the database that this worker uses`, FAILURES.plan);
  const done = await readEnds(deps.db, { runId, executionId: args.executionId });
  return { ...plannedRun(deps, plan, run.params, run.request), done: withinBudget(done) };
}

function plannedRun(deps: ActivityDependencies, plan: Plan, params: Record<string, JsonValue>, request: RunRequest): PlannedRun {
  const priority = request.priority ?? plan.priority;
  const allTags = [...new Set([...(plan.tags ?? []), ...(request.tags ?? [])])];
  return {
    version: plan.version,
    project: request.project ?? plan.project,
    stack: plan.stack,
    steps: plan.steps.map((step) => slimStep(step, params, request)),
    done: {},
    searchAttributes: deps.searchAttributes,
    ...(priority === undefined ? {} : { priority }),
    ...(allTags.length ? { tags: allTags } : {}),
  };
}

/** Whether a step has a queue of its own, beside its workflow's. */
const isElsewhere = ({ group, executor }: PlanStep) => group !== undefined || executor !== 'local';

/** What the interpreter needs of a step. */
export function slimStep(step: PlanStep, params: Record<string, JsonValue>, request: RunRequest): SlimStep {
  const own = stepParams(step, params);
  return {
    name: step.name,
    ...(step.description === undefined ? {} : { summary: step.description.slice(0, 120) }),
    ...slimInputs(step),
    dependsOn: step.dependsOn,
    ...(step.after === undefined ? {} : { after: step.after }),
    ...(step.onFailure === undefined ? {} : { onFailure: step.onFailure }),
    ...(step.map === undefined ? {} : { map: step.map }),
    ...(step.approval === undefined ? {} : { approval: step.approval }),
    ...(step.hook === undefined ? {} : { hook: step.hook }),
    // On the workflow's own queue the step's activity asks; elsewhere a hit must not wait for a worker.
    ...(isElsewhere(step) && !step.conditional && cachePolicy(step, request).read ? { cached: true as const } : {}),
    ...(step.segment === undefined ? {} : { segment: step.segment }),
    ...(isElsewhere(step) ? { taskQueue: step.taskQueue } : {}),
    ...(step.group === undefined ? {} : { group: step.group }),
    ...(step.stack === undefined ? {} : { stack: step.stack }),
    ...(JSON.stringify(own).length <= PARAMS_IN_HISTORY ? { params: own } : {}),
    ...(step.totalTimeoutMs === undefined ? {} : { totalTimeoutMs: step.totalTimeoutMs }),
  };
}

/** Inputs that steps of the run make, and those that it brings along. */
function slimInputs(step: PlanStep): Pick<SlimStep, 'inputs' | 'assets'> {
  const inputs: SlimStep['inputs'] = {};
  const assets: NonNullable<SlimStep['assets']> = {};
  for (const [name, input] of Object.entries(step.inputs)) {
    if (!isAssetInput(input)) inputs[name] = input;
    else if (input.ref) assets[name] = input.ref;
  }
  return { inputs, ...(Object.keys(assets).length ? { assets } : {}) };
}

/** The values that a step declares, of all the run has; those with a default may be absent. */
export function stepParams(step: PlanStep, params: Record<string, JsonValue>): Record<string, JsonValue> {
  return Object.fromEntries(step.params.flatMap((name) => (params[name] === undefined ? [] : [[name, params[name]]])));
}
