import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { commitStep, type Database, startAttempt } from '../../../metadata/index.ts';
import type { JsonValue } from '../../../pipelines/json.ts';
import type { ArtifactRef } from '../../../pipelines/run-result.ts';
import type { StoreTarget } from '../../../stacks/stores/stack-stores.ts';
import type { StepPool } from '../../../workers/step-pool.ts';

export interface StepArgs {
  module: string;
  pipeline: string;
  step: string;
  inputs: Record<string, ArtifactRef>;
  params: Record<string, JsonValue>;
}

export interface HandWrittenActivities {
  work(args: StepArgs): Promise<Record<string, ArtifactRef>>;
  noop(value: number): Promise<number>;
}

/**
 * What a person would write who wants a step's work done and nothing else: the same pool of processes and the same two
 * statements as flowyml's own activity, without its heartbeat, log, retries and limits; and an activity that does nothing.
 */
export function handWrittenActivities(db: Database, pool: StepPool, store: StoreTarget): HandWrittenActivities {
  return {
    async work({ module, pipeline, step, inputs, params }) {
      const { workflowId: runId = '', runId: executionId = '' } = activityInfo().workflowExecution ?? {};
      const key = { runId, executionId, step };
      const began = Date.now();
      const start = await startAttempt(db, key, 'hand-written');
      if ('end' in start) return start.end.outputs;
      if (!('attempt' in start)) throw new Error('nobody has asked the cache');
      const { attempt } = start;
      const result = await pool.run(
        { module, pipeline, step, runId, attempt, inputs, params, store },
        { signal: cancellationSignal(), onEvent() {}, onCheckpoint: async () => {} },
      );
      if (!result.ok) throw ApplicationFailure.nonRetryable(result.failure.message, result.failure.type);
      const { outputs } = result;
      const end = { status: 'succeeded' as const, attempts: attempt, durationMs: Date.now() - began, outputs };
      return (await commitStep(db, { ...key, attempt, end, inputs })).end.outputs;
    },
    noop: async (value) => value + 1,
  };
}
