import { and, desc, eq, inArray, lt, notLike, sql } from 'drizzle-orm';
import { isAssetInput, type Plan, type PlanStep } from '../pipelines/plan.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import type { CacheRow } from './cache.ts';
import type { Database } from './database.ts';
import { type RunKey, WHOLE } from './keys.ts';
import type { RunRow } from './runs.ts';
import { type CodePart, cache, codes, leases, lineage, plans, runs, steps } from './schema.ts';
import type { StepRow } from './steps.ts';

/** Which entries are meant: those that fit all of it. */
export interface EntryFilter {
  pipeline?: string;
  step?: string;
  /** Of an artifact that they give. */
  sha256?: string;
}

/** Entries of single items of a map are marked so; there may be thousands of them to each step. */
const isWhole = notLike(cache.codeIdentity, '%#item');

const fits = ({ pipeline, step, sha256 }: EntryFilter) =>
  and(
    pipeline === undefined ? undefined : eq(cache.pipeline, pipeline),
    step === undefined ? undefined : eq(cache.step, step),
    sha256 === undefined
      ? undefined
      : sql`exists (select 1 from jsonb_each(${cache.outputs}) as o(name, ref) where ref->>'sha256' = ${sha256})`,
  );

/** Entries of steps, newest first; those of single items of a map are left out. */
export async function listEntries(db: Database, filter: EntryFilter, limit: number): Promise<CacheRow[]> {
  return db.orm
    .select()
    .from(cache)
    .where(and(fits(filter), isWhole))
    .orderBy(desc(cache.createdAt), cache.key)
    .limit(limit);
}

/** The entry under a key, also an expired one. */
export async function findEntry(db: Database, key: string): Promise<CacheRow | undefined> {
  const [row] = await db.orm.select().from(cache).where(eq(cache.key, key));
  return row;
}

/** The entry that a step of a run left, if no later run has written it anew. */
export async function entryOf(db: Database, run: RunKey, step: string): Promise<CacheRow | undefined> {
  const [row] = await db.orm
    .select()
    .from(cache)
    .where(and(eq(cache.runId, run.runId), eq(cache.executionId, run.executionId), eq(cache.step, step), isWhole))
    .limit(1);
  return row;
}

/** The newest entries of steps of that name that were there at a moment. */
export async function entriesBefore(db: Database, step: string, before: Date, limit: number): Promise<CacheRow[]> {
  return db.orm
    .select()
    .from(cache)
    .where(and(eq(cache.step, step), lt(cache.createdAt, before), isWhole))
    .orderBy(desc(cache.createdAt))
    .limit(limit);
}

/** What code identities were made of, by identity, as far as that was kept. */
export async function codeParts(db: Database, identities: readonly string[]): Promise<Map<string, CodePart[]>> {
  const rows = await db.orm
    .select()
    .from(codes)
    .where(inArray(codes.identity, [...identities]));
  return new Map(rows.map(({ identity, parts }) => [identity, parts]));
}

/** A run in which a step was computed, with what its key was made of. */
export interface Computed {
  run: RunRow;
  plan: Plan;
  end: StepRow;
  /** The ends of the run's other steps that this one took artifacts from. */
  sources: StepRow[];
}

/** The newest runs of a pipeline that computed a step before a moment: they tell also of entries that are gone. */
export async function computedBefore(db: Database, pipeline: string, step: string, before: Date, limit: number): Promise<Computed[]> {
  const recent = db.orm
    .select()
    .from(runs)
    .where(and(eq(runs.pipeline, pipeline), lt(runs.startedAt, before)))
    .orderBy(desc(runs.startedAt))
    .limit(10 * limit)
    .as('recent');
  const made = await db.orm
    .select({ runId: steps.runId, executionId: steps.executionId, end: steps, planHash: recent.planHash, plan: plans.plan })
    .from(recent)
    .innerJoin(
      steps,
      and(
        eq(steps.runId, recent.runId),
        eq(steps.executionId, recent.executionId),
        eq(steps.step, step),
        eq(steps.index, WHOLE),
        eq(steps.status, 'succeeded'),
        lt(steps.endedAt, before),
        // What a fallback gave, or an earlier run, was not computed.
        sql`${steps.facts}->>'fallback' is null and ${steps.facts}->>'reusedFrom' is null`,
      ),
    )
    .innerJoin(plans, eq(plans.hash, recent.planHash))
    .orderBy(desc(steps.endedAt))
    .limit(limit);
  if (!made.length) return [];
  const ids = made.map((each) => each.runId);
  const [rows, ends] = await Promise.all([
    db.orm.select().from(runs).where(inArray(runs.runId, ids)),
    db.orm
      .select()
      .from(steps)
      .where(
        and(
          inArray(steps.runId, ids),
          eq(steps.index, WHOLE),
          inArray(steps.step, [...new Set(made.flatMap(({ plan }) => producers(plan, step))), step]),
        ),
      ),
  ]);
  const same = (a: RunKey, b: RunKey) => a.runId === b.runId && a.executionId === b.executionId;
  return made.flatMap(({ end, plan }) => {
    const run = rows.find((each) => same(each, end));
    return run ? [{ run, plan, end, sources: ends.filter((each) => same(each, end) && each.step !== step) }] : [];
  });
}

const producers = (plan: Plan, step: string): string[] =>
  Object.values(plan.steps.find(({ name }) => name === step)?.inputs ?? {}).flatMap((source) =>
    isAssetInput(source) ? [] : [source.step],
  );

/** The rows of a run's steps, without the batches of maps. */
export async function stepRows(db: Database, run: RunKey): Promise<StepRow[]> {
  return db.orm
    .select()
    .from(steps)
    .where(and(eq(steps.runId, run.runId), eq(steps.executionId, run.executionId), eq(steps.index, WHOLE)));
}

/** What the cache has done for a step, or for all. */
export interface CacheNumbers {
  entries: number;
  /** How often entries that are there now were given. */
  hits: number;
  /** Steps that the cache was asked for, in runs that the database knows, and that were computed. */
  misses: number;
  /** What the hits would have taken to compute. */
  savedMs: number;
}

export interface CacheStats extends CacheNumbers {
  /** Entries of single items of maps; they count in hits and in the time saved, not in entries. */
  itemEntries: number;
  /** Of the artifacts that entries give, each counted once: a folder or a list as its table of contents. */
  bytes: number;
  /** What they would take more if each entry kept its own. */
  bytesShared: number;
  /** What the hits would have written. */
  bytesNotWritten: number;
  /** Those that saved most first. */
  steps: (CacheNumbers & { step: string })[];
}

/** What the cache holds, and what it has saved. */
export async function cacheStats(db: Database): Promise<CacheStats> {
  const { client } = db;
  const [entries, misses, [bytes]] = await Promise.all([
    client<{ step: string; entries: number; items: number; hits: number; saved: number }[]>`
      select step, count(*) filter (where code_identity not like '%#item')::int as entries,
        count(*) filter (where code_identity like '%#item')::int as items, sum(hits)::float8 as hits, sum(hits * duration_ms)::float8 as saved
      from flowyml.cache group by step`,
    // A miss is a step that succeeded though its run might have asked the cache: approvals, hooks and what was reused never do.
    client<{ step: string; misses: number }[]>`
      with cacheable as (
        select p.hash, s->>'name' as step from flowyml.plans p, jsonb_array_elements(p.plan->'steps') as s
        where s->'cache' <> 'false'::jsonb and s->>'codeIdentity' <> '' and not s ? 'hook' and not s ? 'approval'
      )
      select e.step, count(*)::int as misses from flowyml.steps e
      join flowyml.runs r using (run_id, execution_id) join cacheable c on c.hash = r.plan_hash and c.step = e.step
      where e.index = ${WHOLE} and e.status = 'succeeded' and e.facts->>'fallback' is null and e.facts->>'reusedFrom' is null
        and coalesce(r.request->'cache', 'true'::jsonb) = 'true'::jsonb and not coalesce(r.request->'recompute', '[]'::jsonb) ? e.step
      group by e.step`,
    client<{ kept: number; referred: number; spared: number }[]>`
      with given as (
        select ref->>'sha256' as sha, (ref->>'size')::float8 as size, hits from flowyml.cache, jsonb_each(outputs) as o(name, ref)
      )
      select coalesce((select sum(size) from (select distinct sha, size from given) as once), 0)::float8 as kept,
        coalesce(sum(size), 0)::float8 as referred, coalesce(sum(size * hits), 0)::float8 as spared from given`,
  ]);
  const numbers = new Map<string, CacheNumbers & { step: string }>();
  for (const row of entries) numbers.set(row.step, { step: row.step, entries: row.entries, hits: row.hits, misses: 0, savedMs: row.saved });
  for (const { step, misses: count } of misses)
    numbers.set(step, { ...(numbers.get(step) ?? { step, entries: 0, hits: 0, savedMs: 0 }), misses: count });
  const all = [...numbers.values()];
  const sum = (of: (each: CacheNumbers) => number) => all.reduce((total, each) => total + of(each), 0);
  return {
    entries: sum((each) => each.entries),
    itemEntries: entries.reduce((total, row) => total + row.items, 0),
    hits: sum((each) => each.hits),
    misses: sum((each) => each.misses),
    savedMs: sum((each) => each.savedMs),
    bytes: bytes?.kept ?? 0,
    bytesShared: (bytes?.referred ?? 0) - (bytes?.kept ?? 0),
    bytesNotWritten: bytes?.spared ?? 0,
    steps: all.sort((a, b) => b.savedMs - a.savedMs || b.misses - a.misses || a.step.localeCompare(b.step)),
  };
}

/** Names that a filter may mean: of entries, and of runs that left none. */
export async function cacheNames(db: Database): Promise<{ pipelines: string[]; steps: string[] }> {
  const { client } = db;
  const [pipelineRows, stepRowsFound] = await Promise.all([
    client<{ name: string }[]>`select pipeline as name from flowyml.cache union select pipeline from flowyml.runs`,
    client<{ name: string }[]>`
      select step as name from flowyml.cache union select s->>'name' from flowyml.plans, jsonb_array_elements(plan->'steps') as s`,
  ]);
  return { pipelines: pipelineRows.map(({ name }) => name), steps: stepRowsFound.map(({ name }) => name) };
}

/** An entry, as far as its removal goes. */
export type RemovableEntry = Pick<CacheRow, 'key' | 'pipeline' | 'step' | 'runId' | 'executionId' | 'outputs'>;

const REMOVABLE = {
  key: cache.key,
  pipeline: cache.pipeline,
  step: cache.step,
  runId: cache.runId,
  executionId: cache.executionId,
  outputs: cache.outputs,
};

/** Every entry that fits, those of single items too. */
export async function findRemovable(db: Database, filter: EntryFilter): Promise<RemovableEntry[]> {
  return db.orm.select(REMOVABLE).from(cache).where(fits(filter));
}

/**
 * The entries that came of what these give: made in a run in which a step of the same name gave, or another took from it,
 * the same bytes, by a step that the plan of that run places behind it. Steps between them that keep nothing do not break
 * the chain, and equal bytes of another step do not make one.
 */
export async function findDownstream(db: Database, from: readonly RemovableEntry[]): Promise<RemovableEntry[]> {
  const found = new Map(from.map((entry) => [entry.key, entry]));
  const known = new Map<string, Plan>();
  for (let front = [...from]; front.length; ) {
    const given = new Set(front.flatMap(givenBy));
    const hashes = [...new Set(front.flatMap(({ outputs }) => Object.values(outputs).map(({ sha256 }) => sha256)))];
    front = [];
    for (let i = 0; i < hashes.length; i += 1000) {
      const rows = await linkedEntries(db, hashes.slice(i, i + 1000));
      await readPlans(db, rows, known);
      for (const { entry, planHash, link } of rows) {
        const plan = known.get(planHash);
        if (!plan || found.has(entry.key) || !isBehind(plan, entry.step, link, given)) continue;
        found.set(entry.key, entry);
        front.push(entry);
      }
    }
  }
  return [...found.values()].slice(from.length);
}

const givenBy = ({ step, outputs }: RemovableEntry): string[] =>
  Object.entries(outputs).map(([output, { sha256 }]) => `${step}\n${output}\n${sha256}`);

/** Entries made in runs that had to do with these artifacts, and how. */
async function linkedEntries(db: Database, hashes: string[]) {
  return db.orm
    .selectDistinct({
      entry: REMOVABLE,
      planHash: runs.planHash,
      link: { step: lineage.step, direction: lineage.direction, name: lineage.name, sha256: lineage.sha256 },
    })
    .from(lineage)
    .innerJoin(cache, and(eq(cache.runId, lineage.runId), eq(cache.executionId, lineage.executionId)))
    .innerJoin(runs, and(eq(runs.runId, lineage.runId), eq(runs.executionId, lineage.executionId)))
    .where(inArray(lineage.sha256, hashes));
}

async function readPlans(db: Database, rows: readonly { planHash: string }[], known: Map<string, Plan>): Promise<void> {
  const missing = [...new Set(rows.map(({ planHash }) => planHash))].filter((hash) => !known.has(hash));
  if (!missing.length) return;
  for (const { hash, plan } of await db.orm.select().from(plans).where(inArray(plans.hash, missing))) known.set(hash, plan);
}

interface Link {
  step: string;
  direction: 'in' | 'out';
  name: string;
  sha256: string;
}

/** Whether a step of a plan comes of an artifact that another made or took, where that is one of those given. */
function isBehind(plan: Plan, step: string, link: Link, given: ReadonlySet<string>): boolean {
  const inputs = new Map(plan.steps.map((each) => [each.name, each.inputs]));
  const source = link.direction === 'out' ? { step: link.step, output: link.name } : inputs.get(link.step)?.[link.name];
  if (!source) return false;
  const ancestors = new Set([step]);
  for (const name of ancestors)
    for (const input of Object.values(inputs.get(name) ?? {})) if (!isAssetInput(input)) ancestors.add(input.step);
  // An asset says itself what it is, and comes from another run.
  if ('asset' in source) return ancestors.has(link.step);
  return given.has(`${source.step}\n${source.output}\n${link.sha256}`) && step !== source.step && ancestors.has(source.step);
}

/** Removes every entry. Gives their number. */
export async function clearEntries(db: Database): Promise<number> {
  const dropped = await db.orm.delete(cache).returning({ key: cache.key });
  await db.orm.delete(leases).where(eq(leases.done, true));
  return dropped.length;
}

/** How many entries there are, those of single items too. */
export async function countEntries(db: Database): Promise<number> {
  return db.orm.$count(cache);
}

/** The references that a step took in a run, by input. */
export function inputsIn(step: PlanStep, ends: readonly StepRow[]): Record<string, ArtifactRef> {
  const inputs: Record<string, ArtifactRef> = {};
  for (const [name, source] of Object.entries(step.inputs)) {
    const ref = isAssetInput(source) ? source.ref : ends.find((end) => end.step === source.step)?.outputs[source.output];
    if (ref) inputs[name] = ref;
  }
  return inputs;
}
