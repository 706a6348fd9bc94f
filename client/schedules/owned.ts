import { type Client, type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import type { Session } from '../session.ts';

/** Whether a pipeline's code asks for a schedule, or somebody made it by hand. */
export type ScheduleSource = 'code' | 'command';

/** Kept with a schedule of ours, under the key `flowyml`. What it starts is in its action, which can be changed. */
export interface ScheduleMemo {
  project: string;
  source: ScheduleSource;
}

/** Whose a schedule is; undefined where flowyml did not make it. */
export const memoOf = ({ memo }: { memo?: Record<string, unknown> }): ScheduleMemo | undefined => memo?.flowyml as ScheduleMemo | undefined;

/** A schedule by its name, whoever made it; undefined if there is none. */
export async function findSchedule(client: Client, name: string): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(name).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/**
 * A schedule of the project.
 * @throws UsageError if there is none, with the nearest name, or it is not the project's
 */
export async function ownSchedule(session: Session, name: string): Promise<ScheduleDescription> {
  const { client } = session.temporal;
  const found = await findSchedule(client, name);
  if (!found) {
    throw new UsageError(`there is no schedule '${name}'${hint(name, await ownNames(session))}`);
  }
  const problem = foreignProblem(session, found);
  if (problem) throw new UsageError(problem);
  return found;
}

/** The names of the project's schedules; for a moment, those just deleted may be among them, and those just created not. */
export async function ownNames({ temporal: { client }, project }: Session, source?: ScheduleSource): Promise<string[]> {
  const names: string[] = [];
  for await (const each of client.schedule.list()) {
    const memo = memoOf(each);
    if (memo?.project === project.name && (source === undefined || memo.source === source)) names.push(each.scheduleId);
  }
  return names;
}

/** Why a schedule must be left alone: another project's, or not of flowyml; undefined if it is the project's own. */
export function foreignProblem(session: Session, found: ScheduleDescription): string | undefined {
  const memo = memoOf(found);
  if (memo?.project === session.project.name) return undefined;
  const whose = memo ? `belongs to project '${memo.project}'` : 'was not made by flowyml';
  return `schedule '${found.scheduleId}' ${whose}: this is project '${session.project.name}'; choose another name`;
}
