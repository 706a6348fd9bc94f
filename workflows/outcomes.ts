import { ActivityFailure, ApplicationFailure, CancellationScope, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { SlimStep } from '../pipelines/plan.ts';
import { ACTIVITIES, type StepOutcome } from '../pipelines/protocol.ts';
import type { ErrorInfo } from '../pipelines/run-result.ts';
import { bookkeeping } from './activities.ts';

/** What an activity's failure says of the step that it ran. */
export function outcomeOf(error: unknown, step: SlimStep): StepOutcome {
  const facts = attemptsOf(error);
  if (isCancellation(error)) return { status: 'cancelled', reason: 'the run was cancelled', ...facts, outputs: {} };
  return { status: 'failed', ...facts, outputs: {}, error: errorOf(error, step) };
}

/**
 * Writes an end that the step's own worker may not have written: its time was up, or it is gone. The row that stands is
 * what happened; a worker that was quicker wins.
 */
export async function settle(executionId: string, step: string, outcome: StepOutcome): Promise<StepOutcome> {
  try {
    return await CancellationScope.nonCancellable(() => bookkeeping[ACTIVITIES.settleStep]({ executionId, step, outcome }));
  } catch {
    return outcome;
  }
}

function attemptsOf(error: unknown): { attempts: number; durationMs: number } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const [facts] = cause instanceof ApplicationFailure ? ((cause.details ?? []) as { attempts?: number; durationMs?: number }[]) : [];
  return { attempts: facts?.attempts ?? 0, durationMs: facts?.durationMs ?? 0 };
}

function errorOf(error: unknown, step: SlimStep): ErrorInfo {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  // Temporal gives the last failure, not a timeout, where the next attempt would come too late.
  const late = error instanceof ActivityFailure && error.retryState === 'TIMEOUT';
  if (cause instanceof TimeoutFailure || late) {
    const last = cause instanceof ApplicationFailure ? `; the last attempt failed: ${cause.type}: ${cause.message}` : '';
    return {
      type: 'TotalTimeout',
      message: `step '${step.name}' did not succeed within its total timeout of ${(step.totalTimeoutMs ?? 0) / 1000} s${last}`,
    };
  }
  if (cause instanceof ApplicationFailure) return { type: cause.type ?? 'Error', message: cause.message };
  return { type: cause instanceof Error ? cause.name : 'Error', message: cause instanceof Error ? cause.message : String(cause) };
}
