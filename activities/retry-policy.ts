import type { PlanRetry } from '../pipelines/plan.ts';
import type { StepFailure } from './step-runner.ts';

/** What becomes of a step after a failed attempt: it ends, or is tried again after a wait in milliseconds. */
export type Verdict = { final: true } | { final: false; delayMs: number };

// For failures that are not the step's: a moment, so that whatever was away can come back.
const INFRASTRUCTURE_DELAY_MS = 1000;

/** Decides about a failed attempt. `failures` counts those before it that used up an attempt. */
export function judge(failure: StepFailure, retry: PlanRetry, failures: number): Verdict {
  if (!failure.counted) return { final: false, delayMs: failure.retryAfterMs ?? INFRASTRUCTURE_DELAY_MS };
  if (failure.final || retry.nonRetryable.includes(failure.type) || failures + 1 >= retry.maxAttempts) return { final: true };
  const backoff = Math.min(retry.initialIntervalMs * retry.factor ** failures, retry.maxIntervalMs);
  // Temporal takes no wait of zero for "at once".
  return { final: false, delayMs: Math.max(1, failure.retryAfterMs ?? backoff) };
}
