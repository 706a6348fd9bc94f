import { findAnyRun } from '../../client/find-run.ts';
import { joinSession } from '../../client/session.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { isOpen } from '../../pipelines/run-result.ts';
import { findProject } from '../../stacks/project.ts';

/** `flowyml runs cancel`: asks a run to end. Running steps see their AbortSignal, and are ended after a grace period. */
export async function cancelRun(runId: string): Promise<void> {
  const session = await joinSession(findProject());
  try {
    const found = await findAnyRun(session.temporal.client, session.db, runId);
    const status = 'row' in found ? found.row.status : found.waiting.status;
    if (!isOpen(status)) throw new UsageError(`run '${runId}' has ended already: it ${status}`);
    await session.temporal.client.workflow.getHandle(runId).cancel();
    console.log(`Run ${runId} was asked to cancel.`);
  } finally {
    await session.close();
  }
}
