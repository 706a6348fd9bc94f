import { and, eq, sql } from 'drizzle-orm';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import type { Database } from './database.ts';
import { type StepKey, WHOLE } from './keys.ts';
import { checkpoints } from './schema.ts';

/** Keeps what a step saved last. */
export async function writeCheckpoint(db: Database, key: StepKey, value: ArtifactRef): Promise<void> {
  const { runId, executionId, step, index = WHOLE } = key;
  await db.orm
    .insert(checkpoints)
    .values({ runId, executionId, step, index, value })
    .onConflictDoUpdate({
      target: [checkpoints.runId, checkpoints.executionId, checkpoints.step, checkpoints.index],
      set: { value, savedAt: sql`now()` },
    });
}

/** What a step saved last; undefined if nothing. */
export async function readCheckpoint(db: Database, key: StepKey): Promise<ArtifactRef | undefined> {
  const [row] = await db.orm
    .select({ value: checkpoints.value })
    .from(checkpoints)
    .where(
      and(
        eq(checkpoints.runId, key.runId),
        eq(checkpoints.executionId, key.executionId),
        eq(checkpoints.step, key.step),
        eq(checkpoints.index, key.index ?? WHOLE),
      ),
    );
  return row?.value;
}
