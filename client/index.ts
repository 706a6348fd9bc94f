import { listRuns, type RunFilter } from '../metadata/index.ts';
import { groupQueue } from '../pipelines/compile.ts';
import { type RunRequest, STATUS_QUERY } from '../pipelines/run-request.ts';
import type { ApprovalDecision, RunResult } from '../pipelines/run-result.ts';
import { findProject } from '../stacks/project.ts';
import { cancel, decide, pause, resume } from './control.ts';
import { describeRun, runHead } from './describe-run.ts';
import { findAnyRun } from './find-run.ts';
import { reconcile } from './reconcile.ts';
import { awaitRun, startRun } from './runs.ts';
import { type Schedules, schedules } from './schedules/index.ts';
import { joinSession, type Session } from './session.ts';

export { PipelineResult, RunFailed } from './pipeline-result.ts';
export type * from './schedules/index.ts';
export { formatSummary } from './summary.ts';
export type { RunFilter, RunRequest, RunResult };
export { groupQueue };

export interface ClientOptions {
  /** A folder in the project; the working folder unless given. */
  project?: string;
}

export interface StartOptions extends RunRequest {
  /** The run's id; made up unless given. A run that has it already is not started again. */
  runId?: string;
}

/** A run, wherever it goes on. */
export interface RunHandle {
  readonly runId: string;
  /** Waits for its end. A run that failed or was cancelled has a result too. */
  result(): Promise<RunResult>;
  /** Its result so far, by its workflow's query: needs a worker that serves it. */
  status(): Promise<RunResult>;
  /** What the database knows of it; needs no worker. */
  describe(): Promise<RunResult>;
  /** Asks it to cancel. */
  cancel(): Promise<void>;
  /** Holds it back: what runs goes on, nothing new starts. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Decides a step that waits for it; comes back when the decision is kept. */
  approve(step: string, by: string, comment?: string): Promise<ApprovalDecision>;
  reject(step: string, by: string, comment?: string): Promise<ApprovalDecision>;
}

/** Starts runs and looks at them. */
export interface FlowymlClient {
  /** Starts a run of a pipeline by its name; a worker of the project must serve it. */
  start(pipeline: string, options?: StartOptions): Promise<RunHandle>;
  /** A run by its id; nothing is asked of the server yet. */
  handle(runId: string): RunHandle;
  /** Runs, newest first, without their steps. */
  list(filter?: RunFilter): Promise<Omit<RunResult, 'steps'>[]>;
  /** The project's schedules. */
  readonly schedules: Schedules;
  close(): Promise<void>;
}

/**
 * A client of a project's services, which must run already: its own (`flowyml up`), or those that TEMPORAL_ADDRESS and
 * FLOWYML_DATABASE_URL name.
 * @throws UsageError if they do not run
 * @throws ServiceUnavailable if they cannot be reached
 *
 * @example
 * const client = await createClient();
 * const run = await client.start('training', { params: { learning_rate: 0.05 } });
 * console.log((await run.result()).status);
 */
export async function createClient(options: ClientOptions = {}): Promise<FlowymlClient> {
  const session = await joinSession(findProject(options.project));
  const { client } = session.temporal;
  return {
    async start(pipeline, { runId, ...request } = {}) {
      const started = await startRun(client, {
        pipeline,
        taskQueue: session.project.name,
        request,
        ...(runId === undefined ? {} : { runId }),
      });
      return handle(session, started.workflowId);
    },
    handle: (runId) => handle(session, runId),
    async list(filter) {
      const rows = await listRuns(session.db, filter);
      return Promise.all(rows.map(async (row) => runHead(await reconcile(client, session.db, row))));
    },
    schedules: schedules(session),
    close: () => session.close(),
  };
}

function handle({ temporal: { client }, db }: Session, runId: string): RunHandle {
  return {
    runId,
    result: () => awaitRun(client, db, runId),
    status: () => client.workflow.getHandle(runId).query<RunResult>(STATUS_QUERY),
    describe: async () => {
      const found = await findAnyRun(client, db, runId);
      return 'row' in found ? (await describeRun(db, found.row)).result : found.waiting;
    },
    cancel: () => cancel(client, runId),
    pause: () => pause(client, runId),
    resume: () => resume(client, runId),
    approve: (step, by, comment) => decide(client, runId, 'approve', { step, by, ...(comment === undefined ? {} : { comment }) }),
    reject: (step, by, comment) => decide(client, runId, 'reject', { step, by, ...(comment === undefined ? {} : { comment }) }),
  };
}
