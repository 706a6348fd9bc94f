import { runHead } from '../../client/describe-run.ts';
import { reconcile } from '../../client/reconcile.ts';
import { joinSession } from '../../client/session.ts';
import { duration } from '../../client/summary.ts';
import { listRuns as readRuns } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import type { RunStatus } from '../../pipelines/run-result.ts';
import { findProject } from '../../stacks/project.ts';
import { wholeNumber } from '../options.ts';
import { printJson, printTable } from '../output.ts';

const STATUSES: readonly RunStatus[] = ['running', 'waiting', 'paused', 'succeeded', 'failed', 'cancelled'];

interface ListOptions {
  pipeline?: string;
  status?: string;
  limit: string;
  json?: boolean;
}

/** `flowyml runs list`: the newest runs. Those that seem open are checked with Temporal. */
export async function listRuns(options: ListOptions): Promise<void> {
  const status = options.status as RunStatus | undefined;
  if (status && !STATUSES.includes(status)) throw new UsageError(`--status ${status} is unknown${hint(status, STATUSES)}`);
  const limit = wholeNumber(options.limit, '--limit') ?? 20;
  const session = await joinSession(findProject());
  try {
    const rows = await readRuns(session.db, {
      limit,
      ...(options.pipeline ? { pipeline: options.pipeline } : {}),
      ...(status ? { status } : {}),
    });
    const current = await Promise.all(rows.map((row) => reconcile(session.temporal.client, session.db, row)));
    const runs = current.filter((row) => !status || row.status === status).map(runHead);
    if (options.json) printJson(runs);
    else if (!runs.length) console.log('No runs.');
    else
      printTable(
        ['RUN', 'PIPELINE', 'STATUS', 'STARTED', 'TIME'],
        runs.map((run) => [run.runId, run.pipeline, run.status, run.startedAt.slice(0, 19).replace('T', ' '), duration(run.durationMs)]),
      );
  } finally {
    await session.close();
  }
}
