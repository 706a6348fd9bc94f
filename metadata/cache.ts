import { and, desc, eq, gt, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { linksOf, writeAssetLinks } from './assets.ts';
import type { Database } from './database.ts';
import type { RunKey } from './keys.ts';
import { cache, type KeyParts, leases, lineage } from './schema.ts';
import { type StepEnd, writeEnds } from './steps.ts';

export type { KeyParts } from './schema.ts';
export type CacheRow = typeof cache.$inferSelect;
/** A result that may be reused. */
export type CacheHit = Pick<CacheRow, 'key' | 'outputs' | 'facts' | 'runId'>;

/** How long a lease holds without a renewal: as long as a worker may be silent. */
const LEASE = sql`interval '10 seconds'`;
const fresh = or(isNull(cache.expiresAt), gt(cache.expiresAt, sql`now()`));
const HIT = { key: cache.key, outputs: cache.outputs, facts: cache.facts, runId: cache.runId };

/** The entries under these keys that have not expired. */
export async function findEntries(db: Database, keys: readonly string[]): Promise<Map<string, CacheHit>> {
  if (!keys.length) return new Map();
  const rows = await db.orm
    .select(HIT)
    .from(cache)
    .where(and(inArray(cache.key, [...keys]), fresh));
  return new Map(rows.map((row) => [row.key, row]));
}

/** The newest entries that these codes made: in one query most of what a whole run will ask for. */
export async function entriesOfCode(db: Database, codes: readonly string[]): Promise<Map<string, CacheHit>> {
  const rows = await db.orm
    .select(HIT)
    .from(cache)
    .where(and(inArray(cache.codeIdentity, [...codes]), fresh))
    .orderBy(desc(cache.createdAt))
    .limit(2 * codes.length + 50);
  return new Map(rows.map((row) => [row.key, row]));
}

/** Keeps a lease for as long again. */
export async function renewLease(db: Database, key: string, holder: string): Promise<void> {
  await db.orm
    .update(leases)
    .set({ until: sql`now() + ${LEASE}` })
    .where(and(eq(leases.key, key), eq(leases.holder, holder), eq(leases.done, false)));
}

/** Gives a lease back without a result: whoever waits may compute. */
export async function releaseLease(db: Database, key: string, holder: string): Promise<void> {
  await db.orm.delete(leases).where(and(eq(leases.key, key), eq(leases.holder, holder), eq(leases.done, false)));
}

/** Removes leases that have long been done or given up; their keys can be claimed as before. */
export async function removeOldLeases(db: Database): Promise<void> {
  await db.orm.delete(leases).where(lt(leases.until, sql`now() - interval '1 hour'`));
}

/** A step that the cache answered. */
export interface Answer {
  key: string;
  end: StepEnd;
  inputs: Record<string, ArtifactRef>;
}

/** Writes the ends of steps that the cache answered, with their lineage, and counts the hits. Gives the steps that had no end yet. */
export async function writeAnswers(db: Database, run: RunKey, answers: Record<string, Answer>): Promise<string[]> {
  const all = Object.entries(answers);
  if (!all.length) return [];
  const ends = Object.fromEntries(all.map(([step, { end }]) => [step, end]));
  const links = all.flatMap(([step, { end, inputs }]) => [
    ...Object.entries(end.outputs).map(([name, ref]) => ({ ...run, step, direction: 'out' as const, name, sha256: ref.sha256 })),
    ...Object.entries(inputs).map(([name, ref]) => ({ ...run, step, direction: 'in' as const, name, sha256: ref.sha256 })),
  ]);
  const [first] = await Promise.all([
    writeEnds(db, run, ends),
    writeAssetLinks(
      db,
      all.flatMap(([step, { end, inputs }]) => linksOf({ ...run, step }, inputs, end.outputs)),
    ),
    links.length ? db.orm.insert(lineage).values(links).onConflictDoNothing() : undefined,
    db.orm
      .update(cache)
      .set({ hits: sql`${cache.hits} + 1`, lastHitAt: sql`now()` })
      .where(
        inArray(
          cache.key,
          all.map(([, { key }]) => key),
        ),
      ),
  ]);
  return first;
}

/** What a commit leaves for later runs. */
export interface NewEntry {
  key: string;
  parts: KeyParts;
  pipeline: string;
  holder: string;
  ttlMs?: number;
}

/** Removes entries; what they refer to stays. Gives their number. */
export async function dropEntries(db: Database, keys: readonly string[]): Promise<number> {
  if (!keys.length) return 0;
  const dropped = await db.orm
    .delete(cache)
    .where(inArray(cache.key, [...keys]))
    .returning({ key: cache.key });
  await db.orm.delete(leases).where(and(inArray(leases.key, [...keys]), eq(leases.done, true)));
  return dropped.length;
}

/** Removes every entry that gives an artifact. */
export async function dropEntriesWith(db: Database, sha256: string): Promise<number> {
  const rows = await db.orm
    .select({ key: cache.key })
    .from(cache)
    .where(sql`exists (select 1 from jsonb_each(${cache.outputs}) as o(name, ref) where ref->>'sha256' = ${sha256})`);
  return dropEntries(
    db,
    rows.map((row) => row.key),
  );
}

/** Keeps results of a map's items. They stand beside those of whole steps, where asking for steps does not come across them. */
export async function writeEntries(
  db: Database,
  entries: readonly { key: string; parts: KeyParts; outputs: Record<string, ArtifactRef> }[],
  of: { pipeline: string; step: string; runId: string; executionId: string; ttlMs?: number },
): Promise<void> {
  const { ttlMs, ...origin } = of;
  const rows = entries.map(({ key, parts, outputs }) => ({
    ...origin,
    key,
    parts,
    outputs,
    codeIdentity: `${parts.code}#item`,
    durationMs: 0,
    expiresAt: ttlMs === undefined ? null : new Date(Date.now() + ttlMs),
  }));
  for (let i = 0; i < rows.length; i += 1000) {
    await db.orm
      .insert(cache)
      .values(rows.slice(i, i + 1000))
      .onConflictDoUpdate({
        target: cache.key,
        set: { outputs: sql`excluded.outputs`, expiresAt: sql`excluded.expires_at`, createdAt: sql`now()` },
      });
  }
}
