import { and, arrayContains, desc, eq, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';
import type { JsonValue } from '../pipelines/json.ts';
import type { Plan } from '../pipelines/plan.ts';
import type { WaitingApproval } from '../pipelines/protocol.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import type { ErrorInfo, RunStatus } from '../pipelines/run-result.ts';
import { type Database, whileConnected } from './database.ts';
import type { RunKey } from './keys.ts';
import { type CodePart, codes, plans, runs } from './schema.ts';
import { storableError } from './text.ts';

export type RunRow = typeof runs.$inferSelect;

export interface NewRun extends RunKey {
  plan: Plan;
  planHash: string;
  /** What the steps' code identities are made of, where that is known. */
  codes?: ReadonlyMap<string, readonly CodePart[]>;
  request: RunRequest;
  params: Record<string, JsonValue>;
  module: string;
  startedAt: Date;
}

/**
 * Opens a run and keeps its plan. Opening it again, as a repeated workflow task does, changes nothing. Gives the hash of
 * the plan that stands: the first one's.
 */
export async function openRun(db: Database, run: NewRun): Promise<string> {
  return db.orm.transaction((transaction) => whileConnected(writeRun(transaction, run)));
}

async function writeRun(tx: Pick<Database['orm'], 'insert' | 'select'>, run: NewRun): Promise<string> {
  const { plan, request } = run;
  const planned = await tx.insert(plans).values({ hash: run.planHash, plan }).onConflictDoNothing().returning({ hash: plans.hash });
  const made = [...(run.codes ?? [])].map(([identity, parts]) => ({ identity, parts: [...parts] }));
  // Whoever wrote the plan wrote them too.
  if (planned.length && made.length) await tx.insert(codes).values(made).onConflictDoNothing();
  const opened = await tx
    .insert(runs)
    .values({
      runId: run.runId,
      executionId: run.executionId,
      pipeline: plan.pipeline,
      version: plan.version,
      project: request.project ?? plan.project,
      stack: plan.stack,
      status: 'running',
      planHash: run.planHash,
      request,
      params: run.params,
      module: run.module,
      experiment: plan.experimentTracking === false ? null : (request.experiment ?? plan.pipeline),
      tags: request.tags ?? [],
      startedAt: run.startedAt,
    })
    .onConflictDoNothing()
    .returning({ planHash: runs.planHash });
  const [row] = opened.length ? opened : await tx.select({ planHash: runs.planHash }).from(runs).where(ofRun(run));
  return row?.planHash ?? run.planHash;
}

/** Keeps what code identities are made of. */
export async function keepCodes(db: Database, made: ReadonlyMap<string, readonly CodePart[]>): Promise<void> {
  const rows = [...made].map(([identity, parts]) => ({ identity, parts: [...parts] }));
  if (rows.length) await db.orm.insert(codes).values(rows).onConflictDoNothing();
}

const ofRun = (key: RunKey) => and(eq(runs.runId, key.runId), eq(runs.executionId, key.executionId));

/** Writes a run's end. A run that has ended keeps its first end. */
export async function closeRun(db: Database, key: RunKey, end: { status: RunStatus; error?: ErrorInfo; endedAt: Date }): Promise<void> {
  await db.orm
    .update(runs)
    .set({ status: end.status, error: end.error ? storableError(end.error) : null, endedAt: end.endedAt })
    .where(and(ofRun(key), inArray(runs.status, ['running', 'waiting', 'paused'])));
}

/** Notes what changed in a run that goes on. */
export async function updateRun(
  db: Database,
  key: RunKey,
  change: { status?: RunStatus; waiting?: Record<string, WaitingApproval> },
): Promise<void> {
  await db.orm
    .update(runs)
    .set(change)
    .where(and(ofRun(key), inArray(runs.status, ['running', 'waiting', 'paused'])));
}

/** A run by its id, the newest where the id was used more than once; undefined if there is none. */
export async function findRun(db: Database, runId: string, executionId?: string): Promise<RunRow | undefined> {
  const which = executionId === undefined ? eq(runs.runId, runId) : ofRun({ runId, executionId });
  const [row] = await db.orm.select().from(runs).where(which).orderBy(desc(runs.startedAt)).limit(1);
  return row;
}

export interface RunFilter {
  pipeline?: string;
  status?: RunStatus;
  tag?: string;
  experiment?: string;
  /** The project's label. */
  project?: string;
  /** Started at this moment or later. */
  since?: Date;
  /** Started before this moment. */
  until?: Date;
  limit?: number;
}

/** Runs, newest first; 50 unless the filter says otherwise. */
export async function listRuns(db: Database, filter: RunFilter = {}): Promise<RunRow[]> {
  return db.orm
    .select()
    .from(runs)
    .where(and(...conditions(filter)))
    .orderBy(desc(runs.startedAt))
    .limit(filter.limit ?? 50);
}

function conditions({ pipeline, status, tag, experiment, project, since, until }: RunFilter): SQL[] {
  return [
    ...(pipeline === undefined ? [] : [eq(runs.pipeline, pipeline)]),
    ...(status === undefined ? [] : [eq(runs.status, status)]),
    ...(tag === undefined ? [] : [arrayContains(runs.tags, [tag])]),
    ...(experiment === undefined ? [] : [eq(runs.experiment, experiment)]),
    ...(project === undefined ? [] : [eq(runs.project, project)]),
    ...(since === undefined ? [] : [gte(runs.startedAt, since)]),
    ...(until === undefined ? [] : [lt(runs.startedAt, until)]),
  ];
}

/** The newest runs' ids, for an error message that suggests one. */
export async function runIds(db: Database, limit = 200): Promise<string[]> {
  const rows = await db.orm
    .select({ runId: runs.runId })
    .from(runs)
    .groupBy(runs.runId)
    .orderBy(desc(sql`max(${runs.startedAt})`))
    .limit(limit);
  return rows.map((row) => row.runId);
}

// PostgreSQL takes 65,535 values in a statement.
const IDS_AT_ONCE = 10_000;

/** How runs stand, by id, the newest where an id was used more than once; unknown ids are left out. */
export async function runStatuses(db: Database, ids: readonly string[]): Promise<Map<string, RunStatus>> {
  const found = new Map<string, RunStatus>();
  for (let i = 0; i < ids.length; i += IDS_AT_ONCE) {
    const rows = await db.orm
      .select({ runId: runs.runId, status: runs.status })
      .from(runs)
      .where(inArray(runs.runId, ids.slice(i, i + IDS_AT_ONCE)))
      .orderBy(runs.startedAt);
    for (const { runId, status } of rows) found.set(runId, status);
  }
  return found;
}

/** The plan kept under a hash; undefined if there is none. */
export async function findPlan(db: Database, hash: string): Promise<Plan | undefined> {
  const [row] = await db.orm.select().from(plans).where(eq(plans.hash, hash));
  return row?.plan;
}
