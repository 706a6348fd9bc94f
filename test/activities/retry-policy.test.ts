import { describe, expect, it } from 'vitest';
import { judge, type Verdict } from '../../activities/retry-policy.ts';
import type { StepFailure } from '../../activities/step-runner.ts';
import type { PlanRetry } from '../../pipelines/plan.ts';

const failure = (more: Partial<StepFailure> = {}): StepFailure => ({
  type: 'TypeError',
  message: 'x',
  final: false,
  counted: true,
  ...more,
});
const retry = (more: Partial<PlanRetry> = {}): PlanRetry => ({
  maxAttempts: 3,
  factor: 2,
  initialIntervalMs: 1000,
  maxIntervalMs: 60_000,
  nonRetryable: [],
  ...more,
});
const FINAL: Verdict = { final: true };
const after = (delayMs: number): Verdict => ({ final: false, delayMs });

describe('a failed attempt', () => {
  it.each<[string, Partial<StepFailure>, Partial<PlanRetry>, number, Verdict]>([
    ['is final where the step has one attempt', {}, { maxAttempts: 1 }, 0, FINAL],
    ['waits the initial interval first', {}, {}, 0, after(1000)],
    ['waits twice as long the second time', {}, {}, 1, after(2000)],
    ['is final as the last of three', {}, {}, 2, FINAL],
    ['is final where more have failed than may', {}, {}, 7, FINAL],
    ['waits the same with a factor of 1', {}, { maxAttempts: 9, factor: 1 }, 7, after(1000)],
    ['waits by the step’s own factor', {}, { maxAttempts: 9, factor: 1.5 }, 2, after(2250)],
    ['waits at most the largest interval', {}, { maxAttempts: 99 }, 20, after(60_000)],
    ['waits a moment where no wait is asked for', {}, { initialIntervalMs: 0, maxIntervalMs: 0 }, 0, after(1)],
    ['waits as long as its error asks for, above the largest interval too', { retryAfterMs: 90_000 }, {}, 0, after(90_000)],
    ['waits a moment where its error asks for none', { retryAfterMs: 0 }, {}, 0, after(1)],
    ['is final as the last, whatever its error asks for', { retryAfterMs: 5 }, {}, 2, FINAL],
    ['is final where its error says so', { final: true }, {}, 0, FINAL],
    ['is final where the step lists its name', {}, { nonRetryable: ['RangeError', 'TypeError'] }, 0, FINAL],
    ['is not final where the step lists another', {}, { nonRetryable: ['RangeError'] }, 0, after(1000)],
  ])('%s', (_, given, policy, failures, verdict) => {
    expect(judge(failure(given), retry(policy), failures)).toEqual(verdict);
  });
});

describe('a failure that is not the step’s', () => {
  it.each<[string, Partial<StepFailure>, number, Verdict]>([
    ['is tried again after a moment', {}, 0, after(1000)],
    ['uses up nothing, however often it happens', {}, 100, after(1000)],
    ['waits as long as it asks for', { retryAfterMs: 5000 }, 0, after(5000)],
    ['is not ended by the names that the step lists', { type: 'TypeError' }, 0, after(1000)],
  ])('%s', (_, given, failures, verdict) => {
    expect(judge(failure({ counted: false, ...given }), retry({ maxAttempts: 1, nonRetryable: ['TypeError'] }), failures)).toEqual(verdict);
  });
});
