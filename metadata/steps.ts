import { and, asc, eq } from 'drizzle-orm';
import type { ArtifactRef, ErrorInfo, StepStatus } from '../pipelines/run-result.ts';
import type { Database } from './database.ts';
import type { RunKey, StepKey } from './keys.ts';
import { steps } from './schema.ts';
import { storable, storableError } from './text.ts';

/** How a step ended, as it stands in the table. */
export interface StepEnd {
  status: StepStatus;
  reason?: string;
  attempts: number;
  durationMs: number;
  outputs: Record<string, ArtifactRef>;
  error?: ErrorInfo;
}

export type StepRow = typeof steps.$inferSelect;

/** Row to end, leaving out what is null. */
export function stepEnd(row: Pick<StepRow, 'status' | 'reason' | 'attempts' | 'durationMs' | 'outputs' | 'error'>): StepEnd {
  return {
    status: row.status,
    ...(row.reason === null ? {} : { reason: row.reason }),
    attempts: row.attempts,
    durationMs: row.durationMs,
    outputs: row.outputs,
    ...(row.error === null ? {} : { error: row.error }),
  };
}

/** What one attempt made, to be committed. */
export interface StepCommit extends StepKey {
  attempt: number;
  end: StepEnd;
  /** The artifacts it took, by input. */
  inputs: Record<string, ArtifactRef>;
}

/**
 * Writes a step's end, its artifacts and lineage, and the end of the attempt that made it, in one statement. The first
 * end under the step's key stays: what comes back is that one, be it this attempt's or an earlier one's. `novel` names
 * the outputs whose bytes nobody had made before.
 */
export async function commitStep(db: Database, commit: StepCommit): Promise<{ end: StepEnd; novel: string[] }> {
  const { client } = db;
  const { runId, executionId, step, attempt } = commit;
  const end = storableEnd(commit.end);
  const outputs = JSON.stringify(end.outputs);
  const inputs = JSON.stringify(commit.inputs);
  // The attempt's status says what became of the attempt itself, also when another end stood first.
  const [row] = await client<{ first: boolean; end: StepEnd | null; novel: string[] | null }[]>`
    with ended as (
      insert into flowyml.steps (run_id, execution_id, step, status, reason, attempts, duration_ms, outputs, error)
      values (${runId}, ${executionId}, ${step}, ${end.status}, ${end.reason ?? null}, ${end.attempts}, ${end.durationMs}, ${outputs}::text::jsonb,
              ${end.error ? JSON.stringify(end.error) : null}::text::jsonb)
      on conflict do nothing returning 1
    ), attempted as (
      update flowyml.attempts set status = ${end.status === 'succeeded' ? 'succeeded' : end.status === 'cancelled' ? 'cancelled' : 'failed'},
        error = ${end.error ? JSON.stringify(end.error) : null}::text::jsonb, ended_at = clock_timestamp(), progress = null, progress_message = null
      where run_id = ${runId} and execution_id = ${executionId} and step = ${step} and index = -1 and attempt = ${attempt}
    ), made as (
      insert into flowyml.artifacts (sha256, size, type, uri, value, preview, asset)
      select distinct on (v->>'sha256') v->>'sha256', (v->>'size')::bigint, v->>'type', v->>'uri', v->'value', v->>'preview', v->'asset'
      from jsonb_each(${outputs}::text::jsonb) as o(name, v)
      on conflict do nothing returning sha256
    ), lined as (
      insert into flowyml.lineage (run_id, execution_id, step, direction, name, sha256)
      select ${runId}, ${executionId}, ${step}, direction, name, v->>'sha256' from (
        select 'out' as direction, name, v from jsonb_each(${outputs}::text::jsonb) as o(name, v)
        union all select 'in', name, v from jsonb_each(${inputs}::text::jsonb) as i(name, v)
      ) as links where exists (select 1 from ended)
      on conflict do nothing
    )
    select exists (select 1 from ended) as first, (select array_agg(o.name) from jsonb_each(${outputs}::text::jsonb) as o(name, v) join made on made.sha256 = v->>'sha256') as novel,
      (select jsonb_build_object('status', status, 'reason', reason, 'attempts', attempts, 'durationMs', duration_ms, 'outputs', outputs, 'error', error)
       from flowyml.steps where run_id = ${runId} and execution_id = ${executionId} and step = ${step} and index = -1) as end`;
  const novel = row?.novel ?? [];
  if (row?.first) return { end, novel };
  // The statement sees the table as it was when it began: an end written in the same moment is read once more.
  const standing = row?.end ? dropNulls(row.end) : (await readEnds(db, commit))[step];
  return { end: standing ?? end, novel };
}

const storableEnd = (end: StepEnd): StepEnd => ({
  ...end,
  ...(end.reason === undefined ? {} : { reason: storable(end.reason) }),
  ...(end.error === undefined ? {} : { error: storableError(end.error) }),
});

const dropNulls = (end: StepEnd): StepEnd =>
  Object.fromEntries(Object.entries(end).filter(([, value]) => value !== null)) as unknown as StepEnd;

/** Writes ends that no attempt made: steps that were skipped or cancelled. Ends that stand already stay. */
export async function writeEnds(db: Database, run: RunKey, ends: Record<string, StepEnd>): Promise<void> {
  const rows = Object.entries(ends).map(([step, end]) => ({ ...run, step, reason: null, error: null, ...storableEnd(end) }));
  for (let i = 0; i < rows.length; i += 500)
    await db.orm
      .insert(steps)
      .values(rows.slice(i, i + 500))
      .onConflictDoNothing();
}

/** How the run's steps ended, as far as they have. */
export async function readEnds(db: Database, run: RunKey): Promise<Record<string, StepEnd>> {
  const rows = await db.orm
    .select()
    .from(steps)
    .where(and(eq(steps.runId, run.runId), eq(steps.executionId, run.executionId), eq(steps.index, -1)))
    .orderBy(asc(steps.endedAt));
  return Object.fromEntries(rows.map((row) => [row.step, stepEnd(row)]));
}
