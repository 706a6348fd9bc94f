import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Pipeline } from '../../pipelines/pipeline.ts';
import type { RunResult, StepResult } from '../../pipelines/run-result.ts';
import { type RunPipelineOptions, runPipeline } from '../../testing/index.ts';
import * as pipelines from '../replay/pipelines.ts';

// A run in the test's own process ends as the recorded one did, on a server, with its steps in processes of their own.

interface Completion {
  workflowExecutionCompletedEventAttributes?: { result: { payloads: { data: string }[] } };
  workflowExecutionFailedEventAttributes?: { failure: { applicationFailureInfo: { details: { payloads: { data: string }[] } } } };
}

function recorded(name: string): RunResult {
  const { events } = JSON.parse(readFileSync(new URL(`../histories/${name}.json`, import.meta.url), 'utf8')) as { events: Completion[] };
  const end = events.at(-1);
  const payloads =
    end?.workflowExecutionCompletedEventAttributes?.result.payloads ??
    end?.workflowExecutionFailedEventAttributes?.failure.applicationFailureInfo.details.payloads;
  return JSON.parse(Buffer.from(payloads?.[0]?.data ?? '', 'base64').toString());
}

/** What of a step must be the same, whoever ran it and how long it took. */
function facts({ status, reason, attempts, outputs, error, fallback, approval, map }: StepResult) {
  return {
    status,
    reason,
    attempts: status === 'cancelled' ? undefined : attempts,
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { sha256, type, value }]) => [name, { sha256, type, value }])),
    error,
    fallback,
    approval: approval?.decision,
    map,
  };
}

const approve = { approvals: { review: { decision: 'approve' as const, by: 'ann', comment: 'looks good' } } };
const reject = { approvals: { review: { decision: 'reject' as const, by: 'bob', comment: 'not yet' } } };
const late = { approvals: { review: 'timeout' as const } };

it.each<[string, Pipeline<never>, RunPipelineOptions?]>([
  ['chain', pipelines.chain as never],
  ['fan-out', pipelines.fanOut as never],
  ['diamond-groups', pipelines.diamond as never],
  ['failure', pipelines.failure as never],
  ['retry', pipelines.retry as never],
  ['fallback', pipelines.fallback as never],
  ['fallback-fails', pipelines.fallbackFails as never],
  ['continue', pipelines.goesOn as never],
  ['conditions-retrain', pipelines.conditions as never, { params: { drift: 0.9 } }],
  ['conditions-keep', pipelines.conditions as never, { params: { drift: 0.1 } }],
  ['map', pipelines.map as never],
  ['map-of-nothing', pipelines.map as never, { params: { count: 0 } }],
  ['map-fails', pipelines.mapFails as never],
  ['map-collects', pipelines.mapCollects as never],
  ['approval-approved', pipelines.approved as never, approve],
  ['approval-rejected', pipelines.approved as never, reject],
  ['approval-timed-out', pipelines.approvalFails as never, late],
  ['approval-timed-out-approves', pipelines.approvalPasses as never, late],
  ['hooks-success', pipelines.hooks as never, { params: { way: 'well' } }],
  ['hooks-failure', pipelines.hooks as never, { params: { way: 'badly' } }],
  ['segment', pipelines.segment as never],
  ['segment-fails', pipelines.segmentFails as never],
  ['total-timeout', pipelines.limited as never],
])('%s', async (name, pipeline, options) => {
  const run = recorded(name);
  const { result } = await runPipeline(pipeline as never, options);
  expect(result.status).toBe(run.status);
  expect(Object.fromEntries(Object.entries(result.steps).map(([step, end]) => [step, facts(end)]))).toEqual(
    Object.fromEntries(Object.entries(run.steps).map(([step, end]) => [step, facts(end)])),
  );
});
