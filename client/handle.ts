import { join } from 'node:path';
import type { AnyPipeline } from '../pipelines/pipeline.ts';
import type { ApprovalDecision, RunResult } from '../pipelines/run-result.ts';
import { projectStore } from '../stacks/project.ts';
import { cancel, decide, pause, resume } from './control.ts';
import { describeRun } from './describe-run.ts';
import { findAnyRun } from './find-run.ts';
import { type OutputsOf, PipelineResult } from './pipeline-result.ts';
import { type RetryOptions, retryRequest } from './retry.ts';
import { awaitRun, startRun } from './runs.ts';
import type { Session } from './session.ts';
import { type RunChange, type WatchOptions, watchRun } from './watch.ts';

/** A run, wherever it goes on. */
export interface RunHandle<P extends AnyPipeline = AnyPipeline> {
  readonly runId: string;
  /** Waits for its end. A run that failed or was cancelled has a result too: look at `success`. */
  result(): Promise<PipelineResult<P>>;
  /** Waits for its end, and gives the value of one output. Throws RunFailed where the run ended before it was made. */
  output<K extends keyof OutputsOf<P> & string>(name: K): Promise<OutputsOf<P>[K]>;
  output(name: string): Promise<unknown>;
  /** Its result so far. Needs no worker. */
  status(): Promise<RunResult>;
  /** What changes in it, until it ends. */
  watch(options?: WatchOptions): AsyncIterable<RunChange>;
  /** Asks it to cancel; comes back when it was asked. */
  cancel(): Promise<void>;
  /** Holds it back: what runs goes on, nothing new starts. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Decides a step that waits for it; comes back when the decision is kept. */
  approve(step: string, by: string, comment?: string): Promise<ApprovalDecision>;
  reject(step: string, by: string, comment?: string): Promise<ApprovalDecision>;
  /** Starts a new run that takes over every step of this one that succeeded; this one must have ended. */
  retry(options?: RetryOptions & { runId?: string }): Promise<RunHandle<P>>;
}

/** The handle of a run; nothing is asked of the servers yet. */
export function runHandle<P extends AnyPipeline>(session: Session, runId: string, pipeline?: P): RunHandle<P> {
  const { temporal, db, project } = session;
  const { client } = temporal;
  const result = async () =>
    new PipelineResult<P>(
      await awaitRun(client, db, runId),
      pipeline,
      projectStore(project),
      join(project.root, '.flowyml', 'outputs', runId),
    );
  const request = (step: string, by: string, comment?: string) => ({ step, by, ...(comment === undefined ? {} : { comment }) });
  return {
    runId,
    result,
    output: async (name: string) => (await result()).output(name) as Promise<never>,
    status: async () => {
      const found = await findAnyRun(client, db, runId);
      return 'row' in found ? (await describeRun(db, found.row)).result : found.waiting;
    },
    watch: (options) => watchRun(client, db, runId, options),
    cancel: () => cancel(client, runId),
    pause: () => pause(client, runId),
    resume: () => resume(client, runId),
    approve: (step, by, comment) => decide(client, runId, 'approve', request(step, by, comment)),
    reject: (step, by, comment) => decide(client, runId, 'reject', request(step, by, comment)),
    async retry({ runId: newId, ...options } = {}) {
      const retried = await retryRequest(client, db, runId, options);
      const started = await startRun(client, {
        pipeline: retried.row.pipeline,
        taskQueue: project.name,
        request: retried.request,
        ...(newId === undefined ? {} : { runId: newId }),
      });
      return runHandle(session, started.workflowId, pipeline);
    },
  };
}
