import { and, eq, inArray, isNotNull } from 'drizzle-orm';
import type { JsonValue } from '../pipelines/json.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import type { Database } from './database.ts';
import { artifacts } from './schema.ts';

export type ArtifactRow = typeof artifacts.$inferSelect;

/** References with the values that were left out of them on the way: those that have neither a value nor bytes in a store. */
export async function withValues(db: Database, refs: Record<string, ArtifactRef>): Promise<Record<string, ArtifactRef>> {
  const bare = Object.values(refs).filter((ref) => ref.value === undefined && ref.uri === undefined);
  if (!bare.length) return refs;
  const rows = await db.orm
    .select({ sha256: artifacts.sha256, value: artifacts.value })
    .from(artifacts)
    .where(
      and(
        inArray(
          artifacts.sha256,
          bare.map((ref) => ref.sha256),
        ),
        // JSON null is a value, an empty column is none: the bytes under this hash were first kept in the store, by another type.
        isNotNull(artifacts.value),
      ),
    );
  const values = new Map<string, JsonValue>(rows.map((row) => [row.sha256, row.value]));
  return Object.fromEntries(
    Object.entries(refs).map(([name, ref]) => [
      name,
      bare.includes(ref) && values.has(ref.sha256) ? { ...ref, value: values.get(ref.sha256) as JsonValue } : ref,
    ]),
  );
}

/** What is known of an artifact; undefined if nobody has made it. */
export async function findArtifact(db: Database, sha256: string): Promise<ArtifactRow | undefined> {
  const [row] = await db.orm.select().from(artifacts).where(eq(artifacts.sha256, sha256));
  return row;
}
