import { ApplicationFailure } from '@temporalio/common';
import { type Database, keepCodes } from '../metadata/index.ts';
import type { PlanStep } from '../pipelines/plan.ts';
import type { CodeChange, StepResult } from '../pipelines/run-result.ts';
import type { Trial } from './attempt.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { ServedPipeline } from './served-pipelines.ts';
import type { StepCallResult } from './step-runner.ts';

/** A step as it will run, and what is to be noted where that is other code than was planned. */
export interface StepAsServed {
  step: PlanStep;
  facts: Pick<StepResult, 'codeChanged'>;
}

/**
 * A planned step with the code that this worker really has for it: a run that began before a deployment goes on with the
 * new code, its results are cached under that, and its end says so. Where the pipeline or the worker says `fail`, it does
 * not run.
 * @throws ApplicationFailure of type CodeChanged, final
 */
export async function asServed(deps: ActivityDependencies, served: ServedPipeline, planned: PlanStep): Promise<StepAsServed> {
  const here = served.plan.steps.find(({ name }) => name === planned.name)?.codeIdentity;
  const { codeIdentity } = planned;
  // A step that is not there any more is for its call to name.
  if (here === undefined || codeIdentity === undefined || here === codeIdentity) return { step: planned, facts: {} };
  const policy = policyOf(deps, served);
  const change: CodeChange = { planned: codeIdentity.slice(0, 12), ran: here.slice(0, 12) };
  if (policy === 'fail') {
    throw ApplicationFailure.nonRetryable(
      `step '${planned.name}' was planned with code ${change.planned}, and this worker has ${change.ran}: start a worker with that code, or go on with this one by 'flowyml runs retry'`,
      'CodeChanged',
    );
  }
  await noted(deps.db, served);
  return { step: { ...planned, codeIdentity: here }, facts: { codeChanged: change } };
}

const policyOf = (deps: ActivityDependencies, served: ServedPipeline) => deps.onCodeChange ?? served.pipeline.options.onCodeChange ?? 'run';

/** In place of an identity, where files changed under a worker: nobody knows what was loaded. */
export const UNKNOWN_CODE = 'unknown';

/**
 * What came of an attempt, where its process had loaded files that were changed since the worker read them: it counts, and
 * says so, but nobody may reuse it; or, where the policy is `fail`, it is a failure.
 */
export function asLoaded(
  deps: ActivityDependencies,
  trial: Trial,
  result: StepCallResult,
): { trial: Trial; result: StepCallResult; note?: string } {
  if (!result.ok || !result.otherCode) return { trial, result };
  const { step, served } = trial;
  const note = `the code of ${served.module} was changed on disk after its worker started: nobody knows what ran. Restart the worker`;
  if (policyOf(deps, served) === 'fail') {
    const failure = { type: 'CodeChanged', message: `step '${step.name}': ${note}`, final: true, counted: true };
    return { trial, result: { ok: false, failure }, note };
  }
  const codeChanged = { planned: step.codeIdentity?.slice(0, 12) ?? '', ran: UNKNOWN_CODE };
  const { fresh, ...kept } = result;
  return { trial: { ...trial, facts: { ...trial.facts, codeChanged } }, result: kept, note };
}

const kept = new WeakSet<ServedPipeline>();

/** What the code that runs is made of, so that `cache explain` can tell what had changed. */
async function noted(db: Database, served: ServedPipeline): Promise<void> {
  if (kept.has(served)) return;
  await keepCodes(db, served.codes);
  kept.add(served);
}
