import { and, asc, eq, gte, sql } from 'drizzle-orm';
import type postgres from 'postgres';
import type { StepOutcome } from '../pipelines/protocol.ts';
import type { ApprovalDecision, ArtifactRef } from '../pipelines/run-result.ts';
import { hasAssets, keepAssets, linkAssets, linksOf } from './assets.ts';
import type { NewEntry } from './cache.ts';
import { type Database, whileConnected } from './database.ts';
import { type RunKey, type StepKey, WHOLE } from './keys.ts';
import { type StepFacts, steps } from './schema.ts';
import { storable, storableError } from './text.ts';

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

function factsOf({ fallback, reusedFrom, approval, map, codeChanged }: StepEnd): StepFacts | null {
  const facts: StepFacts = {
    ...(fallback === undefined ? {} : { fallback }),
    ...(reusedFrom === undefined ? {} : { reusedFrom }),
    ...(approval === undefined ? {} : { approval }),
    ...(map === undefined ? {} : { map }),
    ...(codeChanged === undefined ? {} : { codeChanged }),
  };
  return Object.keys(facts).length ? facts : null;
}

/** What one attempt made, to be committed. */
export interface StepCommit extends StepKey {
  attempt: number;
  /** The index of its attempts, where that is another than the step's: a fallback's. */
  attemptIndex?: number;
  end: StepEnd;
  /** The artifacts it took, by input. */
  inputs: Record<string, ArtifactRef>;
  /** What later runs may reuse of it. */
  entry?: NewEntry;
}

/**
 * Writes a step's end, its artifacts and lineage, and the end of the attempt that made it, in one statement. The first
 * end under the step's key stays: what comes back is that one, be it this attempt's or an earlier one's. `novel` names
 * the outputs whose bytes nobody had made before.
 */
export async function commitStep(db: Database, commit: StepCommit): Promise<{ end: StepEnd; novel: string[] }> {
  const written = hasAssets(commit.end.outputs, commit.inputs) && (await commitWithAssets(db, commit));
  const { first, end, novel } = written || (await writeCommit(db.client, commit));
  return { end: first ? end : ((await readEnd(db, commit)) ?? end), novel };
}

/** The same with what it made of assets, in one transaction; undefined where an earlier end stands: then nothing is written. */
async function commitWithAssets(db: Database, commit: StepCommit): Promise<Written | undefined> {
  // A map's batches take what the map takes, and give no assets.
  if ((commit.index ?? WHOLE) !== WHOLE) return undefined;
  const rollback = new Error('an earlier end stands');
  try {
    const write = async (sql: postgres.Sql) => {
      const outputs = await keepAssets(sql, commit, commit.end.outputs, commit.inputs);
      const written = await writeCommit(sql, { ...commit, end: { ...commit.end, outputs } });
      if (!written.first) throw rollback;
      await linkAssets(sql, linksOf(commit, commit.inputs, outputs));
      return written;
    };
    return await db.client.begin((transaction) => whileConnected(write(transaction as unknown as postgres.Sql)));
  } catch (error) {
    if (error !== rollback) throw error;
    return undefined;
  }
}

/** What a commit's statement wrote: nothing but the attempt's own end where it was not the first. */
interface Written {
  first: boolean;
  end: StepEnd;
  novel: string[];
}

async function writeCommit(client: postgres.Sql, commit: StepCommit): Promise<Written> {
  const { runId, executionId, step, attempt, index = WHOLE } = commit;
  const end = storableEnd(commit.end);
  const outputs = JSON.stringify(end.outputs);
  const inputs = JSON.stringify(commit.inputs);
  const facts = factsOf(end);
  const { entry } = commit;
  // The attempt's status says what became of the attempt itself, also when another end stood first.
  const attempted =
    end.status === 'succeeded' || end.status === 'cancelled' ? end.status : end.status === 'skipped' ? 'succeeded' : 'failed';
  const [row] = await client<{ first: boolean; novel: string[] | null }[]>`
    with ended as (
      insert into flowyml.steps (run_id, execution_id, step, index, status, reason, attempts, duration_ms, outputs, error, facts)
      values (${runId}, ${executionId}, ${step}, ${index}, ${end.status}, ${end.reason ?? null}, ${end.attempts}, ${end.durationMs},
              ${outputs}::text::jsonb, ${end.error ? JSON.stringify(end.error) : null}::text::jsonb, ${facts ? JSON.stringify(facts) : null}::text::jsonb)
      on conflict do nothing returning 1
    ), attempted as (
      update flowyml.attempts set status = ${attempted},
        error = ${end.error ? JSON.stringify(end.error) : null}::text::jsonb, ended_at = clock_timestamp(), progress = null, progress_message = null
      where run_id = ${runId} and execution_id = ${executionId} and step = ${step} and index = ${commit.attemptIndex ?? index} and attempt = ${attempt}
    ), made as (
      insert into flowyml.artifacts (sha256, size, type, uri, value, preview, asset)
      select distinct on (v->>'sha256') v->>'sha256', (v->>'size')::bigint, v->>'type', v->>'uri', v->'value', v->>'preview', v->'asset'
      from jsonb_each(${outputs}::text::jsonb) as o(name, v)
      on conflict do nothing returning sha256
    ), lined as (
      insert into flowyml.lineage (run_id, execution_id, step, index, direction, name, sha256)
      select ${runId}, ${executionId}, ${step}, ${index}, direction, name, v->>'sha256' from (
        select 'out' as direction, name, v from jsonb_each(${outputs}::text::jsonb) as o(name, v)
        union all select 'in', name, v from jsonb_each(${inputs}::text::jsonb) as i(name, v)
      ) as links where exists (select 1 from ended)
      on conflict do nothing
    ), kept as (
      insert into flowyml.cache (key, pipeline, step, parts, code_identity, outputs, facts, run_id, execution_id, duration_ms, expires_at)
      select ${entry?.key ?? ''}, ${entry?.pipeline ?? ''}, ${step}, ${JSON.stringify(entry?.parts ?? {})}::text::jsonb, ${entry?.parts.code ?? ''},
        ${outputs}::text::jsonb, ${facts ? JSON.stringify(facts) : null}::text::jsonb, ${runId}, ${executionId}, ${end.durationMs},
        now() + ${entry?.ttlMs ?? null}::float8 * interval '1 millisecond'
      where ${entry !== undefined} and exists (select 1 from ended)
      on conflict (key) do update set outputs = excluded.outputs, facts = excluded.facts, run_id = excluded.run_id, execution_id = excluded.execution_id,
        duration_ms = excluded.duration_ms, created_at = now(), expires_at = excluded.expires_at, parts = excluded.parts
    ), released as (
      update flowyml.leases set done = true, until = now() where ${entry !== undefined} and key = ${entry?.key ?? ''} and holder = ${entry?.holder ?? ''}
    )
    select exists (select 1 from ended) as first,
      (select array_agg(o.name) from jsonb_each(${outputs}::text::jsonb) as o(name, v) join made on made.sha256 = v->>'sha256') as novel`;
  return { first: row?.first ?? false, end, novel: row?.novel ?? [] };
}

const storableEnd = (end: StepEnd): StepEnd => ({
  ...end,
  ...(end.reason === undefined ? {} : { reason: storable(end.reason) }),
  ...(end.error === undefined ? {} : { error: storableError(end.error) }),
  ...(end.approval === undefined ? {} : { approval: storableDecision(end.approval) }),
  ...(end.map?.errors
    ? { map: { ...end.map, errors: end.map.errors.map((each) => ({ ...each, error: storableError(each.error) })) } }
    : {}),
});

// People write it, through any client.
const storableDecision = ({ by, comment, ...decision }: ApprovalDecision): ApprovalDecision => ({
  ...decision,
  by: storable(by),
  ...(comment === undefined ? {} : { comment: storable(comment) }),
});

const ofStep = (key: StepKey) =>
  and(eq(steps.runId, key.runId), eq(steps.executionId, key.executionId), eq(steps.step, key.step), eq(steps.index, key.index ?? WHOLE));

/** How a step ended; undefined if it has not. */
export async function readEnd(db: Database, key: StepKey): Promise<StepEnd | undefined> {
  const [row] = await db.orm.select().from(steps).where(ofStep(key));
  return row && stepEnd(row);
}

/** Writes ends that no attempt made: steps that were skipped, decided by people, or cancelled. Ends that stand already stay: gives the steps whose end was written. */
export async function writeEnds(db: Database, run: RunKey, ends: Record<string, StepEnd>): Promise<string[]> {
  const { runId, executionId } = run;
  const rows = Object.entries(ends).map(([step, given]) => {
    const end = storableEnd(given);
    const { status, reason = null, attempts, durationMs, outputs, error = null } = end;
    return { runId, executionId, step, status, reason, attempts, durationMs, outputs, error, facts: factsOf(end) };
  });
  const first: string[] = [];
  for (let i = 0; i < rows.length; i += 500) {
    const inserted = db.orm.insert(steps).values(rows.slice(i, i + 500));
    first.push(...(await inserted.onConflictDoNothing().returning({ step: steps.step })).map(({ step }) => step));
  }
  return first;
}

/** How the run's steps ended, as far as they have. */
export async function readEnds(db: Database, run: RunKey): Promise<Record<string, StepEnd>> {
  const rows = await db.orm
    .select()
    .from(steps)
    .where(and(eq(steps.runId, run.runId), eq(steps.executionId, run.executionId), eq(steps.index, WHOLE)))
    .orderBy(asc(steps.endedAt));
  return Object.fromEntries(rows.map((row) => [row.step, stepEnd(row)]));
}

/** How the batches of a map ended, as far as they have, in the order of the items. */
export async function readBatches(db: Database, key: StepKey): Promise<{ index: number; end: StepEnd }[]> {
  const rows = await db.orm
    .select()
    .from(steps)
    .where(and(eq(steps.runId, key.runId), eq(steps.executionId, key.executionId), eq(steps.step, key.step), gte(steps.index, 0)))
    .orderBy(asc(steps.index));
  return rows.map((row) => ({ index: row.index, end: stepEnd(row) }));
}

/** Commits an end that no single attempt made, with its artifacts and lineage: a map's. Gives the end that stands. */
export async function writeStepEnd(
  db: Database,
  key: StepKey,
  end: StepEnd,
  inputs: Record<string, ArtifactRef>,
  entry?: NewEntry,
): Promise<StepEnd> {
  return (await commitStep(db, { ...key, attempt: 0, end, inputs, ...(entry ? { entry } : {}) })).end;
}

/** Takes a step's end back because the artifact that it made is gone: the step is to make it again. */
export async function dropEnd(db: Database, key: StepKey, sha256: string): Promise<void> {
  const made = sql`exists (select 1 from jsonb_each(${steps.outputs}) as o(name, ref) where ref->>'sha256' = ${sha256})`;
  await db.orm.delete(steps).where(and(ofStep(key), made));
}
