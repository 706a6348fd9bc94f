import type { PlannedRun } from '../pipelines/protocol.ts';
import type { RunResult, RunStatus, StepResult } from '../pipelines/run-result.ts';
import type { RunState } from './state.ts';

// Temporal's limit for one payload is 2 MiB; results of many runs are listed together.
const RESULT_LIMIT = 256 * 1024;

/** What stays the same over a run's life. */
export interface RunIdentity {
  runId: string;
  pipeline: string;
  startedAt: number;
  planned: PlannedRun | undefined;
}

/** The run's result so far. */
export function runResult(run: RunIdentity, state: RunState | undefined, status: RunStatus): RunResult {
  const { planned } = run;
  const steps: Record<string, StepResult> = {};
  for (const step of state?.steps ?? []) {
    const outcome = state?.ended.get(step.name);
    const place = { ...(step.group === undefined ? {} : { group: step.group }), stack: step.stack ?? planned?.stack ?? '' };
    steps[step.name] = outcome
      ? { ...outcome, ...place }
      : { ...openStep(state, step.name), attempts: 0, durationMs: 0, ...place, outputs: {} };
  }
  const result: RunResult = {
    runId: run.runId,
    pipeline: run.pipeline,
    version: planned?.version ?? '',
    project: planned?.project ?? '',
    stack: planned?.stack ?? '',
    status,
    startedAt: new Date(run.startedAt).toISOString(),
    durationMs: Date.now() - run.startedAt,
    steps,
  };
  return JSON.stringify(result).length <= RESULT_LIMIT ? result : withoutOutputs(result);
}

function openStep(state: RunState | undefined, name: string): Pick<StepResult, 'status' | 'reason'> {
  const waiting = state?.waiting.get(name);
  if (waiting) return { status: 'waiting', reason: `for approval${waiting.message ? `: ${waiting.message}` : ''}` };
  return { status: state?.running.has(name) ? 'running' : 'pending' };
}

function withoutOutputs(result: RunResult): RunResult {
  const steps = Object.entries(result.steps).map(([name, step]) => [name, { ...step, outputs: {} }]);
  return { ...result, steps: Object.fromEntries(steps), outputsOmitted: true };
}
