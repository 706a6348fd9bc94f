import { and, asc, eq, gt } from 'drizzle-orm';
import type { Database } from './database.ts';
import type { RunKey, StepKey } from './keys.ts';
import { logs, metrics } from './schema.ts';
import { storable } from './text.ts';

export type LogRow = typeof logs.$inferSelect;
export type NewLog = Omit<typeof logs.$inferInsert, 'id'> & StepKey;
export type MetricRow = typeof metrics.$inferSelect;
export type NewMetric = Omit<typeof metrics.$inferInsert, 'id'> & StepKey;

// PostgreSQL takes at most 65,535 parameters a statement; a line has nine.
const BATCH = 2000;

/** Appends lines to the logs of attempts. */
export async function appendLogs(db: Database, lines: readonly NewLog[]): Promise<void> {
  for (let i = 0; i < lines.length; i += BATCH) await db.orm.insert(logs).values(lines.slice(i, i + BATCH));
}

/** Appends measured values. */
export async function appendMetrics(db: Database, values: readonly NewMetric[]): Promise<void> {
  const rows = values.map((value) => ({ ...value, name: storable(value.name) }));
  for (let i = 0; i < rows.length; i += BATCH) await db.orm.insert(metrics).values(rows.slice(i, i + BATCH));
}

export interface LogFilter {
  step?: string;
  attempt?: number;
  /** Only lines behind this id: how a reader goes on where it stopped. */
  afterId?: number;
  limit?: number;
}

/** A run's log, in the order in which it was written. */
export async function readLogs(db: Database, run: RunKey, filter: LogFilter = {}): Promise<LogRow[]> {
  return db.orm
    .select()
    .from(logs)
    .where(
      and(
        eq(logs.runId, run.runId),
        eq(logs.executionId, run.executionId),
        filter.step === undefined ? undefined : eq(logs.step, filter.step),
        filter.attempt === undefined ? undefined : eq(logs.attempt, filter.attempt),
        filter.afterId === undefined ? undefined : gt(logs.id, filter.afterId),
      ),
    )
    .orderBy(asc(logs.id))
    .limit(filter.limit ?? 10_000);
}

/** The values that a run's steps measured, in the order in which they did. */
export async function readMetrics(db: Database, run: RunKey): Promise<MetricRow[]> {
  return db.orm
    .select()
    .from(metrics)
    .where(and(eq(metrics.runId, run.runId), eq(metrics.executionId, run.executionId)))
    .orderBy(asc(metrics.id));
}
