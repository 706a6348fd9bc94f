import { and, desc, eq, like, or, sql } from 'drizzle-orm';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { type ArtifactRow, findArtifact } from './artifacts.ts';
import type { Database } from './database.ts';
import { type RunKey, WHOLE } from './keys.ts';
import { artifacts, lineage, runs, steps } from './schema.ts';

/** Where an artifact was made or taken. */
export interface ArtifactUse extends RunKey {
  pipeline: string;
  step: string;
  /** The output or input. */
  name: string;
  direction: 'in' | 'out';
  at: Date;
}

export interface ArtifactFilter {
  /** Only what this run made or was given by the cache. */
  run?: RunKey;
  /** A type, or a kind of asset whatever it is made of: `model` stands for `model<file>` too. */
  type?: string;
}

/** An artifact, and the first place that made it. */
export interface ListedArtifact extends Omit<ArtifactRow, 'value'> {
  madeBy: { runId: string; step: string; output: string } | null;
}

const { value: _, ...LISTED } = {
  sha256: artifacts.sha256,
  size: artifacts.size,
  type: artifacts.type,
  uri: artifacts.uri,
  value: artifacts.value,
  preview: artifacts.preview,
  asset: artifacts.asset,
  createdAt: artifacts.createdAt,
};

/** Artifacts, newest first. */
export async function listArtifacts(db: Database, { run, type }: ArtifactFilter, limit: number): Promise<ListedArtifact[]> {
  const ofRun = run && sql`(${lineage.runId} = ${run.runId} and ${lineage.executionId} = ${run.executionId})`;
  const made = sql`select json_build_object('runId', run_id, 'step', step, 'output', name) from ${lineage}
    where ${lineage.sha256} = ${artifacts.sha256} and direction = 'out' ${ofRun ? sql`and ${ofRun}` : sql``}
    order by index desc, run_id, step, name limit 1`;
  return db.orm
    .select({ ...LISTED, madeBy: sql<ListedArtifact['madeBy']>`(${made})` })
    .from(artifacts)
    .where(
      and(
        type === undefined ? undefined : or(eq(artifacts.type, type), like(artifacts.type, `${type.replace(/[%_\\]/g, '\\$&')}<%`)),
        ofRun && sql`exists (select 1 from ${lineage} where ${lineage.sha256} = ${artifacts.sha256} and direction = 'out' and ${ofRun})`,
      ),
    )
    .orderBy(desc(artifacts.createdAt), artifacts.sha256)
    .limit(limit);
}

/** The types of all artifacts. */
export async function artifactTypes(db: Database): Promise<string[]> {
  const rows = await db.orm.selectDistinct({ type: artifacts.type }).from(artifacts);
  return rows.map(({ type }) => type);
}

/** The hashes that begin so, at most a few. */
export async function hashesLike(db: Database, prefix: string): Promise<string[]> {
  const rows = await db.orm
    .select({ sha256: artifacts.sha256 })
    .from(artifacts)
    .where(like(artifacts.sha256, `${prefix}%`))
    .orderBy(artifacts.sha256)
    .limit(6);
  return rows.map(({ sha256 }) => sha256);
}

/** The newest hashes, for a message that suggests one. */
export async function recentHashes(db: Database): Promise<string[]> {
  const rows = await db.orm.select({ sha256: artifacts.sha256 }).from(artifacts).orderBy(desc(artifacts.createdAt)).limit(200);
  return rows.map(({ sha256 }) => sha256);
}

/** Who made an artifact, and who took it: newest first. */
export async function usesOf(db: Database, sha256: string, limit: number): Promise<ArtifactUse[]> {
  return db.orm
    .select({
      runId: lineage.runId,
      executionId: lineage.executionId,
      pipeline: runs.pipeline,
      step: lineage.step,
      name: lineage.name,
      direction: lineage.direction,
      at: runs.startedAt,
    })
    .from(lineage)
    .innerJoin(runs, and(eq(runs.runId, lineage.runId), eq(runs.executionId, lineage.executionId)))
    .where(and(eq(lineage.sha256, sha256), eq(lineage.index, WHOLE)))
    .orderBy(desc(runs.startedAt), lineage.step, lineage.name)
    .limit(limit);
}

/**
 * The reference to an artifact: as a step gave it, which says all that is needed to read it; else as far as the table of
 * artifacts knows it.
 */
export async function referenceTo(db: Database, sha256: string): Promise<ArtifactRef | undefined> {
  const [found] = await db.orm
    .select({ ref: sql<ArtifactRef>`${steps.outputs}->${lineage.name}` })
    .from(lineage)
    .innerJoin(
      steps,
      and(
        eq(steps.runId, lineage.runId),
        eq(steps.executionId, lineage.executionId),
        eq(steps.step, lineage.step),
        eq(steps.index, lineage.index),
      ),
    )
    .where(and(eq(lineage.sha256, sha256), eq(lineage.direction, 'out'), sql`${steps.outputs}->${lineage.name}->>'sha256' = ${sha256}`))
    .limit(1);
  if (found) return found.ref;
  const row = await findArtifact(db, sha256);
  if (!row) return undefined;
  const { size, type, uri, preview } = row;
  const value = uri === null ? { value: row.value } : { uri };
  return { sha256, size, type, ...value, ...(preview === null ? {} : { preview }) };
}
