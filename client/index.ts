import type { Client } from '@temporalio/client';
import type { RunFilter } from '../metadata/index.ts';
import { groupQueue } from '../pipelines/compile.ts';
import { PlanError, UsageError } from '../pipelines/errors.ts';
import { paramsAt } from '../pipelines/params.ts';
import type { AnyPipeline } from '../pipelines/pipeline.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import type { RunResult } from '../pipelines/run-result.ts';
import { plainStack, type StackLike } from '../pipelines/stack-spec.ts';
import { otherMetadataStore } from '../stacks/metadata-store.ts';
import { findProject } from '../stacks/project.ts';
import type { TracerProvider } from '../tracing/index.ts';
import { type RunHandle, runHandle } from './handle.ts';
import { listRuns } from './list-runs.ts';
import type { PipelineResult } from './pipeline-result.ts';
import { startRun } from './runs.ts';
import { type Schedules, schedules } from './schedules/index.ts';
import { joinSession, type Session } from './session.ts';

export type { ArtifactStore, BlobId, ListedBlob, StoredBlob } from '../artifacts/store.ts';
export type { RunHandle } from './handle.ts';
export { PipelineResult, RunFailed } from './pipeline-result.ts';
export type { RetryOptions } from './retry.ts';
export type * from './schedules/index.ts';
export { formatSummary } from './summary.ts';
export type { RunChange, RunStatusChange, StepChange, WatchOptions } from './watch.ts';
export type { RunFilter, RunRequest, RunResult };
export { groupQueue };

export interface ClientOptions {
  /** A folder in the project; the working folder unless given. */
  project?: string;
  /** An OpenTelemetry provider of the program's own, to trace the starts of runs; OTEL_EXPORTER_OTLP_ENDPOINT turns it on too. */
  tracerProvider?: TracerProvider;
}

export interface StartOptions extends Omit<RunRequest, 'stack'> {
  /** A stack of flowyml.yaml by its name, or one made in code. */
  stack?: string | StackLike;
  /** The run's id; made up unless given. A run that has it already is not started again: its handle is given. */
  runId?: string;
}

/** Starts runs and looks at them. */
export interface FlowymlClient {
  /**
   * Starts a run of a pipeline, given itself (params are checked, results are typed) or by its name. A worker of the project
   * must serve it, now or later.
   * @throws PlanError for params that it does not take
   */
  start<P extends AnyPipeline>(pipeline: P, options?: StartOptions): Promise<RunHandle<P>>;
  start(pipeline: string, options?: StartOptions): Promise<RunHandle>;
  /** Starts a run and waits for its end. */
  run<P extends AnyPipeline>(pipeline: P, options?: StartOptions): Promise<PipelineResult<P>>;
  run(pipeline: string, options?: StartOptions): Promise<PipelineResult>;
  /** A run by its id; nothing is asked of the servers yet. With its pipeline, what it made is typed. */
  handle<P extends AnyPipeline = AnyPipeline>(runId: string, pipeline?: P): RunHandle<P>;
  /** Runs, newest first, without their steps. */
  list(filter?: RunFilter): Promise<Omit<RunResult, 'steps'>[]>;
  /** Temporal's own client, for what else it can do. */
  readonly temporal: Client;
  /** The project's schedules. */
  readonly schedules: Schedules;
  close(): Promise<void>;
}

/**
 * A client of a project's services, which must run already: its own (`flowyml up`), or those that Temporal's settings (as
 * the `temporal` command reads them: TEMPORAL_ADDRESS, profiles, TLS, API keys) and FLOWYML_DATABASE_URL name.
 * @throws UsageError if they do not run
 * @throws ServiceUnavailable if they cannot be reached
 *
 * @example
 * const client = await createClient();
 * const run = await client.start(training, { params: { learning_rate: 0.05 } });
 * for await (const change of run.watch()) console.log(change);
 * console.log(await run.output('model'));
 */
export async function createClient(options: ClientOptions = {}): Promise<FlowymlClient> {
  return clientOf(await joinSession(findProject(options.project), options.tracerProvider));
}

/** The client of services that are connected already; `close()` closes them. */
export function clientOf(session: Session): FlowymlClient {
  const { client } = session.temporal;
  const start = async <P extends AnyPipeline>(pipeline: P | string, { runId, stack, ...others }: StartOptions = {}) => {
    const request: RunRequest = { ...others, ...(stack === undefined ? {} : { stack: plainStack(stack) }) };
    const known = typeof pipeline === 'string' ? undefined : pipeline;
    if (known) checkParams(known, request);
    const elsewhere = otherMetadataStore(session.project, request.stack ?? known?.options.stack);
    if (elsewhere !== undefined) throw new UsageError(elsewhere);
    const started = await startRun(client, {
      pipeline: typeof pipeline === 'string' ? pipeline : pipeline.name,
      taskQueue: session.project.name,
      request,
      ...(runId === undefined ? {} : { runId }),
      ...(known?.options.description === undefined ? {} : { description: known.options.description }),
      ...(known?.options.version === undefined ? {} : { version: known.options.version }),
      ...(known?.options.project === undefined ? {} : { project: known.options.project }),
      ...(known?.options.priority === undefined ? {} : { priority: known.options.priority }),
    });
    return runHandle<P>(session, started.workflowId, known);
  };
  return {
    start,
    run: async <P extends AnyPipeline>(pipeline: P | string, options?: StartOptions) => (await start<P>(pipeline, options)).result(),
    handle: <P extends AnyPipeline>(runId: string, pipeline?: P) => runHandle<P>(session, runId, pipeline),
    list: (filter) => listRuns(client, session.db, filter),
    schedules: schedules(session),
    temporal: client,
    close: () => session.close(),
  };
}

/** A run that takes over an earlier one's steps has its params too, which only the database knows. */
function checkParams(pipeline: AnyPipeline, { params = {}, resumeFrom, scheduledTime, timezone }: RunRequest): void {
  if (resumeFrom !== undefined) return;
  const { problems } = paramsAt(pipeline, params, { time: scheduledTime ?? new Date().toISOString(), timezone });
  if (problems.length) throw new PlanError(`pipeline '${pipeline.name}'`, problems);
}
