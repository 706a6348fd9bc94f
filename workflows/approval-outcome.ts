import type { SlimStep } from '../pipelines/plan.ts';
import type { StepOutcome } from '../pipelines/protocol.ts';
import type { ApprovalDecision } from '../pipelines/run-result.ts';

/** What a decision, or none in time, means for the step. */
export function approvalOutcome(step: Pick<SlimStep, 'approval'>, decision: ApprovalDecision | undefined, durationMs: number): StepOutcome {
  const facts = { attempts: 0, durationMs, outputs: {} };
  if (decision?.decision === 'approved') return { status: 'succeeded', ...facts, approval: decision };
  if (decision) {
    const message = `rejected by ${decision.by}${decision.comment ? `: ${decision.comment}` : ''}`;
    return { status: 'failed', ...facts, approval: decision, error: { type: 'Rejected', message } };
  }
  const waited = `nobody decided within ${(step.approval?.timeoutMs ?? 0) / 1000} s`;
  const byDefault = { by: 'timeout', comment: waited, at: new Date().toISOString() };
  if (step.approval?.onTimeout === 'approve') return { status: 'succeeded', ...facts, approval: { decision: 'approved', ...byDefault } };
  const rejected = step.approval?.onTimeout === 'reject' ? { approval: { decision: 'rejected' as const, ...byDefault } } : {};
  return { status: 'failed', ...facts, ...rejected, error: { type: 'ApprovalTimeout', message: waited } };
}
