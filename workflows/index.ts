import { workflowInfo } from '@temporalio/workflow';
import { BACKFILL } from '../pipelines/backfill.ts';
import { backfill } from './backfill.ts';
import pipelineRun from './pipeline.ts';

/** The default export is the workflow of every pipeline; a user's own workflow file re-exports it to serve both. */
export default function workflow(...args: unknown[]): Promise<unknown> {
  const run = workflowInfo().workflowType === BACKFILL ? backfill : pipelineRun;
  return (run as (...args: unknown[]) => Promise<unknown>)(...args);
}

export type { RunRequest } from '../pipelines/run-request.ts';
export type { RunResult } from '../pipelines/run-result.ts';
