import { listRuns as findRuns } from '../../client/list-runs.ts';
import { joinSession } from '../../client/session.ts';
import { duration } from '../../client/summary.ts';
import { milliseconds } from '../../pipelines/duration.ts';
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
  tag?: string;
  experiment?: string;
  since?: string;
  limit: string;
  json?: boolean;
}

/** A date, or so long ago. */
function moment(text: string): Date {
  const date = /^\d{4}-/.test(text) ? new Date(text) : new Date(Date.now() - milliseconds(text, '--since'));
  if (Number.isNaN(date.getTime()))
    throw new UsageError(`--since ${text}: expected a date such as 2026-03-01, or how long ago, such as '7 days'`);
  return date;
}

/** `flowyml runs list`: the newest runs. Those that seem open are checked with Temporal. */
export async function listRuns(options: ListOptions): Promise<void> {
  const status = options.status as RunStatus | undefined;
  if (status && !STATUSES.includes(status)) throw new UsageError(`--status ${status} is unknown${hint(status, STATUSES)}`);
  const limit = wholeNumber(options.limit, '--limit') ?? 20;
  const session = await joinSession(findProject());
  try {
    const { pipeline, tag, experiment } = options;
    const runs = await findRuns(session.temporal.client, session.db, {
      limit,
      ...(pipeline ? { pipeline } : {}),
      ...(status ? { status } : {}),
      ...(tag ? { tag } : {}),
      ...(experiment ? { experiment } : {}),
      ...(options.since === undefined ? {} : { since: moment(options.since) }),
    });
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
