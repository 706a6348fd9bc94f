import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { judge } from '../activities/retry-policy.ts';
import type { StepCallResult, StepEvent, StepFailure } from '../activities/step-runner.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import type { JsonValue } from '../pipelines/json.ts';
import type { PlanStep } from '../pipelines/plan.ts';
import type { ArtifactRef, RunResult } from '../pipelines/run-result.ts';
import type { AnyStep } from '../pipelines/step.ts';
import { makeCall } from '../workers/child/call-step.ts';
import { describeFailure } from '../workers/child/describe-failure.ts';
import type { ChildTask } from '../workers/step-pool.ts';

/** What the steps of a run in this process share. */
export interface LocalRunFacts {
  runId: string;
  pipeline: string;
  store: ArtifactStore;
  /** A folder for what steps write. */
  folder: string;
  params: Record<string, JsonValue>;
  scheduledTime: string | undefined;
  signal: AbortSignal;
  onEvent(step: string, event: StepEvent): void;
}

export interface LocalCall {
  step: AnyStep;
  plan: PlanStep;
  inputs: Record<string, ArtifactRef>;
  batch?: ChildTask['batch'];
  result?: RunResult;
}

export interface LocalOutcome {
  result: StepCallResult;
  attempts: number;
}

/**
 * Calls a step's function in this process, with the attempts that it has; waits between them are left out. A function that
 * is over its time is told so by its AbortSignal and not waited for.
 */
export async function callLocally(run: LocalRunFacts, call: LocalCall): Promise<LocalOutcome> {
  const { totalTimeoutMs: limit } = call.plan;
  if (limit === undefined) return callAttempts(run, call);
  const over = new AbortController();
  const message = `step '${call.step.name}' did not succeed within its total timeout of ${limit / 1000} s`;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<LocalOutcome>((resolve) => {
    timer = setTimeout(() => {
      resolve({ result: { ok: false, failure: { type: 'TotalTimeout', message, final: true, counted: true } }, attempts: 0 });
      over.abort(new Error(message));
    }, limit);
  });
  try {
    return await Promise.race([late, callAttempts({ ...run, signal: AbortSignal.any([run.signal, over.signal]) }, call)]);
  } finally {
    clearTimeout(timer);
  }
}

async function callAttempts(run: LocalRunFacts, call: LocalCall): Promise<LocalOutcome> {
  let checkpoint: ArtifactRef | undefined;
  let failures = 0;
  for (let attempt = 1; ; attempt++) {
    const task: ChildTask = {
      ...taskOf(run, call, attempt),
      ...(checkpoint ? { checkpoint } : {}),
    };
    const result = await attemptLocally(run, call, task, (ref) => {
      checkpoint = ref;
    });
    // A batch tries its items by itself.
    if (result.ok || call.batch || run.signal.aborted) return { result, attempts: attempt };
    if (judge(result.failure, call.plan.retry, failures).final || !result.failure.counted) return { result, attempts: attempt };
    failures++;
  }
}

/** What a step's fallback gives for its failure. */
export async function callFallback(run: LocalRunFacts, call: LocalCall, failure: StepFailure, attempts: number): Promise<StepCallResult> {
  const fallbackFor = { type: failure.type, message: failure.message, attempts, durationMs: 0 };
  return attemptLocally(run, call, { ...taskOf(run, call, attempts), fallbackFor }, () => {});
}

function taskOf(run: LocalRunFacts, { step, plan, inputs, batch, result }: LocalCall, attempt: number): ChildTask {
  return {
    module: '',
    pipeline: run.pipeline,
    step: step.name,
    runId: run.runId,
    attempt,
    inputs,
    params: Object.fromEntries(plan.params.flatMap((name) => (run.params[name] === undefined ? [] : [[name, run.params[name]]]))),
    store: { root: '', own: { type: 'local', path: '' }, others: [] },
    workDir: join(run.folder, 'work', randomUUID()),
    ...(run.scheduledTime === undefined ? {} : { scheduledTime: run.scheduledTime }),
    ...(batch ? { batch } : {}),
    ...(result ? { result } : {}),
  };
}

async function attemptLocally(
  run: LocalRunFacts,
  { step, plan }: LocalCall,
  task: ChildTask,
  onCheckpoint: (ref: ArtifactRef) => void,
): Promise<StepCallResult> {
  const timeout = new AbortController();
  const signal = AbortSignal.any([run.signal, timeout.signal]);
  let timer: NodeJS.Timeout | undefined;
  const stopped = new Promise<StepCallResult>((resolve) => {
    const end = (failure: Pick<StepFailure, 'type' | 'message'>) =>
      resolve({ ok: false, failure: { ...failure, final: false, counted: true } });
    run.signal.addEventListener('abort', () => end({ type: 'Cancelled', message: 'the run was cancelled' }), { once: true });
    if (plan.timeoutMs === undefined) return;
    const message = `attempt ${task.attempt} of step '${step.name}' took longer than its timeout of ${plan.timeoutMs / 1000} s`;
    timer = setTimeout(() => {
      timeout.abort(new Error(message));
      end({ type: 'StepTimeout', message });
    }, plan.timeoutMs);
  });
  const made = makeCall({
    task,
    step,
    store: run.store,
    signal,
    emit(event) {
      if (event.kind === 'checkpoint') onCheckpoint(event.ref);
      else if (event.kind !== 'accepted' && event.kind !== 'started') run.onEvent(step.name, event);
    },
  }).catch((error: unknown): StepCallResult => ({ ok: false, failure: describeFailure(error) }));
  try {
    return await Promise.race([made, stopped]);
  } finally {
    clearTimeout(timer);
  }
}
