import { and, eq, gt, lt, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { workers } from './schema.ts';

export type WorkerRow = typeof workers.$inferSelect;

/** How often a worker says that it is there, in milliseconds. */
export const WORKER_BEAT_MS = 2000;
const ALIVE = sql`now() - interval '7 seconds'`;

/** Says that a worker is there and what it serves, at the database's clock. */
export async function beat(db: Database, worker: Omit<WorkerRow, 'startedAt' | 'beatAt'>): Promise<void> {
  const { id, ...facts } = worker;
  await db.orm
    .insert(workers)
    .values(worker)
    .onConflictDoUpdate({ target: workers.id, set: { ...facts, beatAt: sql`now()` } });
}

/** Takes a worker's row away, and rows of workers that have been silent for a day. */
export async function signOff(db: Database, id: string): Promise<void> {
  await db.orm.delete(workers).where(eq(workers.id, id));
  await db.orm.delete(workers).where(lt(workers.beatAt, sql`now() - interval '1 day'`));
}

/** The workers of a project that said so in the last seconds. */
export async function liveWorkers(db: Database, project: string): Promise<WorkerRow[]> {
  return db.orm
    .select()
    .from(workers)
    .where(and(eq(workers.project, project), gt(workers.beatAt, ALIVE)));
}
