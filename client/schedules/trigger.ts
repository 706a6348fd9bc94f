import { setTimeout as wait } from 'node:timers/promises';
import type { ScheduleDescription } from '@temporalio/client';
import type { OverlapPolicy } from '../../pipelines/schedule.ts';
import type { Session } from '../session.ts';
import { OVERLAP } from './definition.ts';

/** What came of a trigger: a run; or nothing yet, since one that goes on is in the way. */
export type Triggered = { runId: string } | { runId: undefined; reason: 'overlap' | 'buffered' | 'unknown' };

const POLLS = 100;
const POLL_MS = 100;

/** Starts a run now, in the way of a policy: the schedule's own unless given. Waits until the server has done it. */
export async function trigger(
  { temporal: { client } }: Session,
  before: ScheduleDescription,
  overlap: OverlapPolicy | undefined,
): Promise<Triggered> {
  const handle = client.schedule.getHandle(before.scheduleId);
  const known = new Set(before.info.recentActions.map(({ action }) => action.workflow.firstExecutionRunId));
  // Ids of runs end in whole seconds: a second one of the same second would be dropped without a word.
  const last = before.info.recentActions.at(-1)?.scheduledAt.getTime() ?? 0;
  const free = (Math.floor(last / 1000) + 1) * 1000 - Date.now();
  if (free > 0 && free <= 1000) await wait(free);
  await handle.trigger(overlap === undefined ? before.policies.overlap : OVERLAP[overlap]);
  for (let poll = 0; poll < POLLS; poll++) {
    const { info, raw } = await handle.describe();
    const started = info.recentActions.findLast(({ action }) => !known.has(action.workflow.firstExecutionRunId));
    if (started) return { runId: started.action.workflow.workflowId };
    if (info.numActionsSkippedOverlap > before.info.numActionsSkippedOverlap) return { runId: undefined, reason: 'overlap' };
    if (Number(raw.info?.bufferSize ?? 0) > Number(before.raw.info?.bufferSize ?? 0)) return { runId: undefined, reason: 'buffered' };
    await wait(POLL_MS);
  }
  return { runId: undefined, reason: 'unknown' };
}
