import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  defineUpdate,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import type { SlimStep } from '../pipelines/plan.ts';
import type { StepOutcome } from '../pipelines/protocol.ts';
import { APPROVE, type ApprovalRequest, REJECT } from '../pipelines/run-request.ts';
import type { ApprovalDecision } from '../pipelines/run-result.ts';
import { approvalOutcome } from './approval-outcome.ts';
import type { Course } from './course.ts';
import { settle } from './outcomes.ts';
import type { RunState } from './state.ts';

type Decision = ApprovalDecision['decision'];

/** The approvals of a run: takes decisions by update or signal, and holds back what waits for them. */
export class Approvals {
  private readonly decided = new Map<string, ApprovalDecision>();

  /** Registers the handlers. Updates are refused, with the reason, before they enter the history. */
  constructor(state: () => RunState | undefined) {
    const ways: [string, Decision][] = [
      [APPROVE, 'approved'],
      [REJECT, 'rejected'],
    ];
    for (const [name, decision] of ways) {
      const handler = async (request: ApprovalRequest): Promise<ApprovalDecision> => {
        const taken = this.take(request, decision);
        // The answer comes when the decision is safe.
        await condition(() => !state()?.waiting.has(request.step));
        return taken;
      };
      const validator = (request: ApprovalRequest) => {
        const problem = this.problem(state(), request);
        if (problem) throw ApplicationFailure.nonRetryable(problem, 'NotWaiting');
      };
      setHandler(defineUpdate<ApprovalDecision, [ApprovalRequest]>(name), handler, { validator });
      setHandler(defineSignal<[ApprovalRequest]>(name), (request) => {
        if (!this.problem(state(), request)) this.take(request, decision);
      });
    }
  }

  /** Waits for a decision, or for the end of the time there is, and ends the step with it. */
  async ask({ state, executionId }: Course, step: SlimStep): Promise<void> {
    const { approval } = step;
    if (!approval) return;
    const before = state.waiting.get(step.name);
    const since = before ? Date.parse(before.since) : Date.now();
    const until = approval.timeoutMs === undefined ? undefined : since + approval.timeoutMs;
    // It is people who are busy now, not the run.
    state.running.delete(step.name);
    state.waiting.set(step.name, {
      ...(approval.message === undefined ? {} : { message: approval.message }),
      since: new Date(since).toISOString(),
      ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    });
    let outcome: StepOutcome;
    try {
      const answered = () => this.decided.has(step.name);
      if (until === undefined) await condition(answered);
      else await condition(answered, Math.max(1, until - Date.now()), { summary: `${step.name} waits for a person` });
      outcome = approvalOutcome(step, this.decided.get(step.name), Date.now() - since);
    } catch (error) {
      if (!isCancellation(error)) throw error;
      state.end(step.name, {
        status: 'cancelled',
        reason: 'the run was cancelled',
        attempts: 0,
        durationMs: Date.now() - since,
        outputs: {},
      });
      return;
    }
    const standing = await CancellationScope.nonCancellable(() => settle(executionId, step.name, outcome));
    state.end(step.name, standing);
  }

  private take({ step, by, comment }: ApprovalRequest, decision: Decision): ApprovalDecision {
    const taken: ApprovalDecision = { decision, by, ...(comment === undefined ? {} : { comment }), at: new Date().toISOString() };
    this.decided.set(step, taken);
    return taken;
  }

  /** Why a decision cannot be taken now. */
  private problem(state: RunState | undefined, request: ApprovalRequest | undefined): string | undefined {
    const { step, by } = request ?? {};
    if (typeof step !== 'string' || typeof by !== 'string' || !by) return 'expected { step, by, comment? }: which step, and who decides';
    const known = state?.steps.find((each) => each.name === step);
    if (!known) return `the run has no step '${step}'`;
    if (!known.approval) return `step '${step}' is not an approval`;
    const earlier = this.decided.get(step) ?? state?.ended.get(step)?.approval;
    if (earlier) return `step '${step}' was ${earlier.decision} already, by ${earlier.by}`;
    if (state?.waiting.has(step)) return undefined;
    const status = state?.ended.get(step)?.status;
    return status
      ? `step '${step}' does not wait any more: it ${status}`
      : `step '${step}' does not wait yet: the steps before it have not ended`;
  }
}
