import { and, asc, eq, sql } from 'drizzle-orm';
import type { ErrorInfo } from '../pipelines/run-result.ts';
import type { CacheHit } from './cache.ts';
import type { Database } from './database.ts';
import { type RunKey, type StepKey, WHOLE } from './keys.ts';
import { type AttemptStatus, attempts } from './schema.ts';
import type { StepEnd } from './steps.ts';
import { storable, storableError } from './text.ts';

export type AttemptRow = typeof attempts.$inferSelect;

/** An attempt that has started; or why none has: the step's end, a result of the cache, or somebody else who computes it just now. */
export type AttemptStart = { end: StepEnd } | { hit: CacheHit } | { taken: true } | StartedAttempt;

export interface StartedAttempt {
  attempt: number;
  /** Earlier attempts whose failure counts against the step's `maxAttempts`. */
  failures: number;
  /** How many attempts just before this one ended with their worker. */
  lostInARow: number;
  /** How long ago the first attempt started, in milliseconds; 0 if this is it. */
  sinceFirstMs: number;
}

/** The right and duty to compute a cache key, asked for with an attempt. */
export interface Claim {
  key: string;
  /** A run's step, whatever its attempt: a retry need not wait for the lease of a worker that died. */
  holder: string;
  /** Whether a result that is there will do. */
  read: boolean;
}

interface StartRow {
  end: StepEnd | null;
  key: string | null;
  outputs: CacheHit['outputs'];
  hit_facts: CacheHit['facts'];
  hit_run: string;
  attempt: number | null;
  failures: number;
  lost_in_a_row: number;
  since_first_ms: number | null;
}

/**
 * Starts the next attempt of a step, unless the step has ended; where it comes with a claim, only if the cache has no
 * result and nobody else computes it: one statement, as every step pays for it. Attempts that never said how they ended
 * are marked as lost: only a worker that died leaves one behind. `endIndex` is where the step's end stands, where that is
 * not with its attempts: for a fallback's.
 */
export async function startAttempt(
  db: Database,
  step: StepKey,
  worker: string,
  { endIndex = step.index ?? WHOLE, claim }: { endIndex?: number | undefined; claim?: Claim | undefined } = {},
): Promise<AttemptStart> {
  const { client } = db;
  const { runId, executionId, index = WHOLE } = step;
  const { key = null, holder = null, read = false } = claim ?? {};
  // A lease that is done has a result that this statement's view may be too old to show: it is not taken, but asked for
  // again. One that has long been done, without a result, is of an entry that was removed.
  const [row] = await client<StartRow[]>`
    with ended as (
      select jsonb_strip_nulls(jsonb_build_object('status', status, 'reason', reason, 'attempts', attempts, 'durationMs', duration_ms, 'error', error))
        || coalesce(facts, '{}'::jsonb) || jsonb_build_object('outputs', outputs) as "end"
      from flowyml.steps where run_id = ${runId} and execution_id = ${executionId} and step = ${step.step} and index = ${endIndex}
    ), hit as (
      select key, outputs, facts, run_id from flowyml.cache
      where key = ${key}::text and ${read} and (expires_at is null or expires_at > now())
    ), lease as (
      insert into flowyml.leases (key, holder, until) select ${key}::text, ${holder}::text, now() + interval '10 seconds'
        where ${key}::text is not null and not exists (select 1 from hit) and not exists (select 1 from ended)
      on conflict (key) do update set holder = excluded.holder, until = excluded.until, done = false
        where (not leases.done and (leases.until < now() or leases.holder = excluded.holder))
           or (leases.done and (leases.until < now() - interval '1 second' or not ${read}))
      returning 1
    ), free as (
      select 1 where not exists (select 1 from ended) and (${key}::text is null or exists (select 1 from lease))
    ), earlier as (
      select attempt, counted, started_at, status in ('lost', 'running') as lost from flowyml.attempts
      where run_id = ${runId} and execution_id = ${executionId} and step = ${step.step} and index = ${index}
    ), facts as (
      select coalesce(max(attempt), 0) as last, count(*) filter (where counted)::int as failures,
        (coalesce(max(attempt), 0) - coalesce(max(attempt) filter (where not lost), 0))::int as lost_in_a_row, (extract(epoch from clock_timestamp() - min(started_at)) * 1000)::float8 as since_first_ms from earlier
    ), given_up as (
      update flowyml.attempts set status = 'lost', ended_at = clock_timestamp(), progress = null, progress_message = null
      where run_id = ${runId} and execution_id = ${executionId} and step = ${step.step} and index = ${index} and status = 'running'
        and exists (select 1 from free)
    ), started as (
      insert into flowyml.attempts (run_id, execution_id, step, index, attempt, status, worker, started_at)
      select ${runId}, ${executionId}, ${step.step}, ${index}, last + 1, 'running', ${worker}, clock_timestamp() from facts where exists (select 1 from free)
      returning attempt
    )
    select (select "end" from ended) as "end", (select attempt from started) as attempt, failures, lost_in_a_row, since_first_ms,
      hit.key, hit.outputs, hit.facts as hit_facts, hit.run_id as hit_run
    from facts left join hit on true`;
  if (row?.end) return { end: row.end };
  if (row?.key) return { hit: { key: row.key, outputs: row.outputs, facts: row.hit_facts, runId: row.hit_run } };
  if (!row?.attempt) {
    if (claim) return { taken: true };
    throw new Error(`no attempt of step '${step.step}' could be started`);
  }
  return {
    attempt: row.attempt,
    failures: row.failures,
    lostInARow: row.lost_in_a_row,
    sinceFirstMs: row.since_first_ms ?? 0,
  };
}

const ofAttempt = (key: StepKey, attempt: number) =>
  and(
    eq(attempts.runId, key.runId),
    eq(attempts.executionId, key.executionId),
    eq(attempts.step, key.step),
    eq(attempts.index, key.index ?? WHOLE),
    eq(attempts.attempt, attempt),
  );

/** Writes how an attempt ended that did not end its step. */
export async function endAttempt(
  db: Database,
  key: StepKey & { attempt: number },
  end: { status: Exclude<AttemptStatus, 'running'>; counted: boolean; error?: ErrorInfo },
): Promise<void> {
  await db.orm
    .update(attempts)
    .set({
      status: end.status,
      counted: end.counted,
      error: end.error ? storableError(end.error) : null,
      // By the clock that the start was taken from.
      endedAt: sql`clock_timestamp()`,
      progress: null,
      progressMessage: null,
    })
    .where(and(ofAttempt(key, key.attempt), eq(attempts.status, 'running')));
}

/** Keeps how far a running attempt is. */
export async function writeProgress(
  db: Database,
  key: StepKey & { attempt: number },
  fraction: number,
  message: string | undefined,
): Promise<void> {
  await db.orm
    .update(attempts)
    .set({ progress: fraction, progressMessage: message === undefined ? null : storable(message) })
    .where(and(ofAttempt(key, key.attempt), eq(attempts.status, 'running')));
}

/** All attempts of a run's steps, in the order in which they started. */
export async function listAttempts(db: Database, run: RunKey): Promise<AttemptRow[]> {
  return db.orm
    .select()
    .from(attempts)
    .where(and(eq(attempts.runId, run.runId), eq(attempts.executionId, run.executionId)))
    .orderBy(asc(attempts.startedAt), asc(attempts.attempt));
}
