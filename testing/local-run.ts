import { slimStep } from '../activities/plan-run.ts';
import { readJson } from '../artifacts/json.ts';
import { saveList } from '../artifacts/list.ts';
import { UsageError } from '../pipelines/errors.ts';
import { hooksOf } from '../pipelines/hooks.ts';
import type { AnyPipeline } from '../pipelines/pipeline.ts';
import type { Plan, PlanStep, SlimStep } from '../pipelines/plan.ts';
import type { PlannedRun, StepOutcome } from '../pipelines/protocol.ts';
import type { ApprovalDecision, ArtifactRef, RunResult, RunStatus } from '../pipelines/run-result.ts';
import type { AnyStep } from '../pipelines/step.ts';
import { approvalOutcome } from '../workflows/approval-outcome.ts';
import { runResult } from '../workflows/result.ts';
import { RunState } from '../workflows/state.ts';
import { callFallback, callLocally, type LocalRunFacts } from './local-step.ts';

/** How a person decides an approval: at once, or not within its time. */
export type ApprovalChoice = 'approve' | 'reject' | 'timeout' | { decision: 'approve' | 'reject'; by?: string; comment?: string };

export interface LocalRun extends LocalRunFacts {
  pipeline: string;
  source: AnyPipeline;
  plan: Plan;
  /** Functions that stand in for steps' own, by step. */
  instead: Record<string, AnyStep['fn']>;
  approvals: Record<string, ApprovalChoice>;
  /** What inputs made by `asset()` stand for, by step and input. */
  assets: Record<string, Record<string, ArtifactRef>>;
}

const LARGEST_BATCH = 500;

/** Runs a plan in this process: the interpreter's own state says what is next, and steps' functions are called here. */
export async function runLocally(run: LocalRun): Promise<RunResult> {
  const { plan, signal } = run;
  const slim = plan.steps.map((step) => ({ ...slimStep(step, run.params, {}), assets: run.assets[step.name] ?? {} }));
  const planned: PlannedRun = {
    version: plan.version,
    project: plan.project,
    stack: plan.stack,
    steps: slim,
    done: {},
    searchAttributes: false,
  };
  const state = new RunState(planned);
  const identity = { runId: run.runId, pipeline: run.pipeline, startedAt: Date.now(), planned };
  const open = new Set<Promise<void>>();
  for (;;) {
    while (state.ready && !signal.aborted) {
      const unit = runUnit(run, state, state.next());
      open.add(unit);
      const done = () => open.delete(unit);
      unit.then(done, done);
    }
    if (!open.size) break;
    await Promise.race(open);
  }
  const status: RunStatus = signal.aborted ? 'cancelled' : state.failure ? 'failed' : 'succeeded';
  state.abandon(status === 'cancelled' ? 'cancelled' : 'skipped');
  await runHooks(run, state, status, runResult(identity, state, status));
  return runResult(identity, state, status);
}

async function runUnit(run: LocalRun, state: RunState, steps: SlimStep[]): Promise<void> {
  for (const step of steps) {
    if (state.ended.has(step.name)) continue;
    const outcome = await outcomeOf(run, state, step);
    state.end(step.name, outcome);
    // The steps behind it in its segment do not start: the run's end says why.
    if (outcome.status === 'failed' || outcome.status === 'cancelled') break;
  }
  for (const step of steps) state.running.delete(step.name);
}

async function outcomeOf(run: LocalRun, state: RunState, step: SlimStep): Promise<StepOutcome> {
  if (step.approval) return decide(run, step);
  const began = performance.now();
  const timed = (outcome: Omit<StepOutcome, 'durationMs'>): StepOutcome => ({
    ...outcome,
    durationMs: Math.round(performance.now() - began),
  });
  const inputs = state.inputsOf(step, Number.POSITIVE_INFINITY);
  if (step.map) return timed(await runMap(run, step, inputs));
  const call = { step: stepOf(run, step.name), plan: planOf(run, step.name), inputs };
  const { result, attempts } = await callLocally(run, call);
  if (result.ok) {
    if (result.skipped) return timed({ status: 'skipped', reason: 'its condition was not met', attempts, outputs: {} });
    return timed({ status: 'succeeded', attempts, outputs: result.outputs });
  }
  if (run.signal.aborted) return timed({ status: 'cancelled', reason: 'the run was cancelled', attempts, outputs: {} });
  const error = { type: result.failure.type, message: result.failure.message };
  if (step.onFailure !== 'fallback') return timed({ status: 'failed', attempts, outputs: {}, error });
  const fallback = await callFallback(run, call, result.failure, attempts);
  if (fallback.ok) return timed({ status: 'succeeded', attempts, outputs: fallback.outputs, fallback: true, error });
  const { type, message } = fallback.failure;
  return timed({ status: 'failed', attempts, outputs: {}, error: { type, message } });
}

function decide(run: LocalRun, step: SlimStep): StepOutcome {
  const choice = run.approvals[step.name];
  if (choice === undefined)
    throw new UsageError(
      `step '${step.name}' waits for a person: say what is decided, in runPipeline(…, { approvals: { ${step.name}: 'approve' } })`,
    );
  if (choice === 'timeout') {
    if (step.approval?.timeoutMs !== undefined) return approvalOutcome(step, undefined, step.approval.timeoutMs);
    throw new UsageError(`step '${step.name}' has no timeout: it would wait for ever`);
  }
  const { decision, by = 'test', comment } = typeof choice === 'string' ? { decision: choice } : choice;
  const taken: ApprovalDecision = {
    decision: decision === 'approve' ? 'approved' : 'rejected',
    by,
    ...(comment === undefined ? {} : { comment }),
    at: new Date().toISOString(),
  };
  return approvalOutcome(step, taken, 0);
}

async function runMap(run: LocalRun, step: SlimStep, inputs: Record<string, ArtifactRef>): Promise<Omit<StepOutcome, 'durationMs'>> {
  const plan = planOf(run, step.name);
  const { map } = plan;
  const ref = map && inputs[map.items];
  const items = ref && (await readJson(ref, run.store));
  if (!map || !Array.isArray(items)) {
    const error = { type: 'NonRetryableError', message: `step '${step.name}' maps over its items, but they are no array` };
    return { status: 'failed', attempts: 0, outputs: {}, error };
  }
  const parts: Record<string, ArtifactRef[]> = {};
  const counts = { items: items.length, failed: 0, errors: [] as NonNullable<NonNullable<StepOutcome['map']>['errors']> };
  const size = map.batchSize ?? LARGEST_BATCH;
  for (let index = 0; index * size < items.length; index++) {
    const batch = {
      index,
      from: index * size,
      to: Math.min(items.length, (index + 1) * size),
      retry: plan.retry,
      collect: map.onItemError === 'collect',
    };
    const { result } = await callLocally(run, { step: stepOf(run, step.name), plan, inputs, batch });
    if (!result.ok) {
      if (run.signal.aborted) return { status: 'cancelled', reason: 'the run was cancelled', attempts: 1, outputs: {} };
      return { status: 'failed', attempts: 1, outputs: {}, error: { type: result.failure.type, message: result.failure.message } };
    }
    for (const [output, part] of Object.entries(result.outputs)) parts[output] = [...(parts[output] ?? []), part];
    counts.failed += result.map?.failed ?? 0;
    counts.errors.push(...(result.map?.errors ?? []));
  }
  const outputs: Record<string, ArtifactRef> = {};
  for (const output of Object.keys(plan.outputs)) outputs[output] = await saveList(parts[output] ?? [], { store: run.store, output });
  const { errors, ...numbers } = counts;
  return { status: 'succeeded', attempts: 1, outputs, map: { ...numbers, ...(errors.length ? { errors } : {}) } };
}

/** A hook's failure is its own: the run has ended as it has. */
async function runHooks(run: LocalRun, state: RunState, status: RunStatus, result: RunResult): Promise<void> {
  const occasion = { succeeded: 'success', failed: 'failure', cancelled: 'cancel' }[status as 'succeeded' | 'failed' | 'cancelled'];
  for (const hook of hooksOf(run.source)) {
    if (hook.occasion !== occasion) {
      const reason = `runs only on ${hook.occasion}`;
      state.ended.set(hook.name, { status: 'skipped', reason, attempts: 0, durationMs: 0, outputs: {} });
      continue;
    }
    const began = performance.now();
    const call = { step: stepOf(run, hook.name), plan: planOf(run, hook.name), inputs: {}, result };
    // A run that was cancelled tells of it all the same.
    const { result: made, attempts } = await callLocally({ ...run, signal: new AbortController().signal }, call);
    const durationMs = Math.round(performance.now() - began);
    const { ok } = made;
    const end: StepOutcome = ok
      ? { status: 'succeeded', attempts, durationMs, outputs: made.outputs }
      : { status: 'failed', attempts, durationMs, outputs: {}, error: { type: made.failure.type, message: made.failure.message } };
    state.ended.set(hook.name, end);
  }
}

function planOf({ plan }: LocalRun, name: string): PlanStep {
  const step = plan.steps.find((each) => each.name === name);
  if (!step) throw new Error(`the plan has no step '${name}'`);
  return step;
}

function stepOf({ source, instead }: LocalRun, name: string): AnyStep {
  const step = source.steps.find((each) => each.name === name) ?? hooksOf(source).find((hook) => hook.name === name)?.step;
  if (!step) throw new Error(`the pipeline has no step '${name}'`);
  const fn = Object.hasOwn(instead, name) ? instead[name] : undefined;
  if (!fn) return step;
  return { ...step, fn, ...(step.map ? { map: { ...step.map, itemFn: fn as never } } : {}) };
}
