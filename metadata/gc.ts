import { sql } from 'drizzle-orm';
import { blobsOf } from '../artifacts/blobs.ts';
import { collect } from '../artifacts/chunks.ts';
import type { ArtifactStore, ListedBlob } from '../artifacts/store.ts';
import { ArtifactCorrupt, UsageError } from '../pipelines/errors.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import type { Database } from './database.ts';

export interface GarbageOptions {
  /** Blobs that were kept, or kept again, within this time stay. */
  olderThanMs: number;
  /** Remove them; else only say what would be. */
  remove: boolean;
}

export interface GarbageReport {
  /** What nothing refers to, largest first. With `remove`: what was removed of it. */
  garbage: { sha256: string; size: number }[];
  bytes: number;
  /** All blobs in the store, before. */
  blobs: number;
  /** Blobs that nothing refers to yet, and that are too young to be sure of it. */
  young: number;
  /** Blobs kept before this moment count as old. */
  before: Date;
  /** Folders and lists that something refers to and that cannot be read any more: what they were made of is not known. */
  damaged: string[];
}

/** Clocks of machines that share a store may differ by so much. */
const SKEW_MS = 60_000;
/** JSON beyond this is nobody's list of parts. */
const LARGEST_LIST = 256 * 1024 * 1024;
/**
 * Tables that keep no artifact: one tells of everything ever made, the others of none. Every other table counts, also one
 * that is added later: by each `sha256` in its columns or in its JSON.
 */
const NO_REFERENCES = ['artifacts', 'workers', 'metrics', 'logs', 'leases', 'codes'];

/**
 * Finds the blobs of a store that nothing in the database refers to, and removes them if told to. Any number of processes
 * may do so while runs write. What is being written is safe for three reasons: all that came since the oldest run that is
 * at work just now began counts as young; blobs are listed before references are read, so that what is committed meanwhile
 * is seen; and a blob that is kept again in between has become young, which is looked at as it is removed.
 */
export async function collectGarbage(db: Database, store: ArtifactStore, options: GarbageOptions): Promise<GarbageReport> {
  if (!store.list || !store.removeOld) throw new UsageError('this artifact store cannot be cleaned up');
  const before = await youngSince(db, options.olderThanMs);
  const listed: ListedBlob[] = [];
  for await (const blob of store.list()) listed.push(blob);
  const { kept, damaged } = await references(db, store, new Map(listed.map((blob) => [blob.sha256, blob])));
  const loose = listed.filter(({ sha256 }) => !kept.has(sha256));
  const garbage: GarbageReport['garbage'] = [];
  for (const { sha256, size, modifiedAt } of loose) {
    if (modifiedAt >= before) continue;
    if (!options.remove || (await store.removeOld(sha256, before))) garbage.push({ sha256, size });
  }
  return {
    garbage: garbage.sort((a, b) => b.size - a.size),
    bytes: garbage.reduce((sum, { size }) => sum + size, 0),
    blobs: listed.length,
    young: loose.filter(({ modifiedAt }) => modifiedAt >= before).length,
    before,
    damaged,
  };
}

/** The age, or the start of the oldest work in progress: what that has written may not be committed yet. */
async function youngSince(db: Database, olderThanMs: number): Promise<Date> {
  const [row] = await db.orm.execute<{ oldest: string | null }>(sql`
    select least(
      (select min(started_at) from flowyml.runs where status = 'running'),
      (select min(a.started_at) from flowyml.attempts a join flowyml.runs r using (run_id, execution_id)
        where a.status = 'running' and r.status in ('running', 'waiting', 'paused'))
    )::text as oldest`);
  const working = row?.oldest ? new Date(row.oldest).getTime() - SKEW_MS : Number.POSITIVE_INFINITY;
  return new Date(Math.min(Date.now() - olderThanMs, working));
}

/** Every blob that something refers to, with what folders and lists are made of. */
async function references(
  db: Database,
  store: ArtifactStore,
  stored: ReadonlyMap<string, ListedBlob>,
): Promise<{ kept: Set<string>; damaged: string[] }> {
  const { refs, bare } = await readReferences(db);
  const kept = new Set<string>();
  const damaged = new Set<string>();
  const whole = new Set<string>();
  for (const ref of refs) {
    kept.add(ref.sha256);
    if (!stored.has(ref.sha256)) continue;
    try {
      for (const { sha256 } of await blobsOf(ref, store)) kept.add(sha256);
      whole.add(ref.sha256);
    } catch (error) {
      if (!(error instanceof ArtifactCorrupt)) throw error;
      damaged.add(ref.sha256);
    }
  }
  // Of these only the hash is known: whatever hashes stand in them count.
  for (const sha256 of bare) {
    kept.add(sha256);
    const blob = stored.get(sha256);
    if (!blob || whole.has(sha256) || damaged.has(sha256) || blob.size > LARGEST_LIST) continue;
    for (const each of await hashesIn(store, blob)) kept.add(each);
  }
  return { kept, damaged: [...damaged] };
}

async function readReferences(db: Database): Promise<{ refs: ArtifactRef[]; bare: string[] }> {
  const { client } = db;
  const columns = await client<{ table_name: string; column_name: string; data_type: string }[]>`
    select table_name, column_name, data_type from information_schema.columns
    where table_schema = 'flowyml' and (column_name = 'sha256' or data_type = 'jsonb') and not table_name = any(${NO_REFERENCES})`;
  const refs: ArtifactRef[] = [];
  const bare = new Set<string>();
  for (const { table_name, column_name, data_type } of columns) {
    const table = client(`flowyml.${table_name}`);
    const column = client(column_name);
    if (data_type !== 'jsonb') {
      for (const { sha } of await client<{ sha: string }[]>`select distinct ${column} as sha from ${table} where ${column} is not null`)
        bare.add(sha);
      continue;
    }
    // Inline values too may hold what looks like a reference: such a blob is then kept, which does no harm.
    const rows = await client<{ sha: string; type: string | null; size: string | null; parts: string | null }[]>`
      select distinct doc->>'sha256' as sha, doc->>'type' as type, doc->>'size' as size, doc->>'parts' as parts
      from ${table} as t, jsonb_path_query(t.${column}, 'strict $.** ? (@.sha256.type() == "string")') as found(doc) where not doc ? 'value'`;
    for (const { sha, type, size, parts } of rows) {
      refs.push({ sha256: sha, type: type ?? '', size: Number(size), ...(parts === null ? {} : { parts: Number(parts) }) });
    }
  }
  const assets = await client<{ sha256: string }[]>`select sha256 from flowyml.artifacts where asset is not null`;
  for (const { sha256 } of assets) bare.add(sha256);
  return { refs, bare: [...bare] };
}

async function hashesIn(store: ArtifactStore, blob: ListedBlob): Promise<string[]> {
  let bytes: Uint8Array;
  try {
    if (!(await startsAsJson(store, blob))) return [];
    bytes = await collect(store.open(blob), blob.size);
  } catch (error) {
    if (error instanceof ArtifactCorrupt) return [];
    throw error;
  }
  return [
    ...Buffer.from(bytes)
      .toString('latin1')
      .matchAll(/"sha256":\s*"([0-9a-f]{64})"/g),
  ].map(([, sha256 = '']) => sha256);
}

async function startsAsJson(store: ArtifactStore, blob: ListedBlob): Promise<boolean> {
  for await (const [first] of store.open(blob)) return first === 0x5b || first === 0x7b;
  return false;
}
