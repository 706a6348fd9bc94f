import type { Client } from '@temporalio/client';
import { type Database, type RunFilter, listRuns as readRuns } from '../metadata/index.ts';
import type { RunResult } from '../pipelines/run-result.ts';
import { runHead } from './describe-run.ts';
import { reconcile } from './reconcile.ts';

/** Runs, newest first, without their steps. Those that seem open are checked with Temporal. */
export async function listRuns(client: Client, db: Database, filter: RunFilter = {}): Promise<Omit<RunResult, 'steps'>[]> {
  const rows = await readRuns(db, filter);
  const current = await Promise.all(rows.map((row) => reconcile(client, db, row)));
  return current.filter(({ status }) => filter.status === undefined || status === filter.status).map(runHead);
}
