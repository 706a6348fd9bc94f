import { ScheduleAlreadyRunning } from '@temporalio/client';
import { PlanError, UsageError } from '../../pipelines/errors.ts';
import { paramsAt } from '../../pipelines/params.ts';
import type { AnyPipeline } from '../../pipelines/pipeline.ts';
import type { Schedule } from '../../pipelines/schedule.ts';
import type { Session } from '../session.ts';
import { toTemporal } from './definition.ts';
import { findSchedule, foreignProblem, type ScheduleMemo, type ScheduleSource } from './owned.ts';

/** A pipeline by its name, or as it is where its code is at hand. */
export type ScheduledPipeline = string | AnyPipeline;

export const nameOf = (pipeline: ScheduledPipeline): string => (typeof pipeline === 'string' ? pipeline : pipeline.name);

/**
 * Creates a schedule.
 * @throws UsageError if one of that name is there already, whoever made it, or Temporal does not take it
 * @throws PlanError for params that the pipeline does not take
 */
export async function createSchedule(
  session: Session,
  pipeline: ScheduledPipeline,
  schedule: Schedule,
  source: ScheduleSource,
): Promise<void> {
  checkParams(pipeline, schedule);
  const { client } = session.temporal;
  const memo: ScheduleMemo = { project: session.project.name, source };
  try {
    await client.schedule.create({
      scheduleId: schedule.name,
      ...toTemporal(schedule, targetOf(session, pipeline)),
      memo: { flowyml: memo },
      state: { paused: schedule.paused ?? false, ...(schedule.note === undefined ? {} : { note: schedule.note }) },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw refusal(error, schedule.name);
    const found = await findSchedule(client, schedule.name);
    const problem = found && foreignProblem(session, found);
    throw new UsageError(
      problem ?? `there is a schedule '${schedule.name}' already: delete it first (flowyml schedule delete), or choose another name`,
    );
  }
}

export const targetOf = (session: Session, pipeline: ScheduledPipeline) => ({
  pipeline: nameOf(pipeline),
  taskQueue: session.project.name,
  description: typeof pipeline === 'string' ? undefined : pipeline.options.description,
});

/** Checks a schedule's params against its pipeline, with a time in place of the templates. */
export function checkParams(pipeline: ScheduledPipeline, { name, params, timezone }: Schedule): void {
  if (typeof pipeline === 'string') return;
  const { problems } = paramsAt(pipeline, params, { time: new Date().toISOString(), timezone });
  if (problems.length) throw new PlanError(`schedule '${name}' of pipeline '${pipeline.name}'`, problems);
}

/** What the server does not take is the user's mistake; its zones may be fewer than ours. */
export function refusal(error: unknown, name: string): unknown {
  return error instanceof TypeError
    ? new UsageError(`Temporal does not take schedule '${name}': ${error.message}`, { cause: error })
    : error;
}
