import { and, asc, eq } from 'drizzle-orm';
import type { StepOutcome } from '../pipelines/protocol.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import type { Database } from './database.ts';
import type { RunKey, StepKey } from './keys.ts';
import { WHOLE } from './keys.ts';
import { type StepFacts, steps } from './schema.ts';

/** How a step ended, as it stands in the table. */
export type StepEnd = StepOutcome;

export type StepRow = typeof steps.$inferSelect;

/** Row to end, leaving out what is null. */
export function stepEnd(row: Pick<StepRow, 'status' | 'reason' | 'attempts' | 'durationMs' | 'outputs' | 'error' | 'facts'>): StepEnd {
  return {
    status: row.status,
    ...(row.reason === null ? {} : { reason: row.reason }),
    attempts: row.attempts,
    durationMs: row.durationMs,
    ...row.facts,
    outputs: row.outputs,
    ...(row.error === null ? {} : { error: row.error }),
  };
}

function factsOf({ fallback, reusedFrom, approval, map }: StepEnd): StepFacts | null {
  const facts: StepFacts = {
    ...(fallback === undefined ? {} : { fallback }),
    ...(reusedFrom === undefined ? {} : { reusedFrom }),
    ...(approval === undefined ? {} : { approval }),
    ...(map === undefined ? {} : { map }),
  };
  return Object.keys(facts).length ? facts : null;
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
  const { runId, executionId, step, attempt, end } = commit;
  const outputs = JSON.stringify(end.outputs);
  const inputs = JSON.stringify(commit.inputs);
  // The attempt's status says what became of the attempt itself, also when another end stood first.
  const [row] = await client<{ end: StepEnd | null; novel: string[] | null }[]>`
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
    select (select array_agg(o.name) from jsonb_each(${outputs}::text::jsonb) as o(name, v) join made on made.sha256 = v->>'sha256') as novel,
      (select jsonb_build_object('status', status, 'reason', reason, 'attempts', attempts, 'durationMs', duration_ms, 'outputs', outputs, 'error', error)
       from flowyml.steps where run_id = ${runId} and execution_id = ${executionId} and step = ${step} and index = -1) as end`;
  // The statement sees the table as it was before: no row there means that ours is the first.
  const earlier = row?.end;
  return { end: earlier ? dropNulls(earlier) : end, novel: row?.novel ?? [] };
}

const dropNulls = (end: StepEnd): StepEnd =>
  Object.fromEntries(Object.entries(end).filter(([, value]) => value !== null)) as unknown as StepEnd;

/** Writes ends that no attempt made: steps that were skipped or cancelled. Ends that stand already stay. */
export async function writeEnds(db: Database, run: RunKey, ends: Record<string, StepEnd>): Promise<void> {
  const rows = Object.entries(ends).map(([step, end]) => ({ ...run, step, ...end, reason: end.reason ?? null, error: end.error ?? null }));
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
