import { findAnyRun } from '../../client/find-run.ts';
import type { Session } from '../../client/session.ts';
import type { RunRow } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';

/**
 * A run that has been planned: what it made, and from what, is known.
 * @throws UsageError, with the nearest id, if there is none
 */
export async function requireRun({ temporal, db }: Session, runId: string): Promise<RunRow> {
  const found = await findAnyRun(temporal.client, db, runId);
  if ('row' in found) return found.row;
  throw new UsageError(`run '${runId}' has not been planned, and made nothing: ${found.reason}`);
}
