import type { ScheduleDescription } from '@temporalio/client';
import { UsageError } from '../../pipelines/errors.ts';
import type { AnyPipeline } from '../../pipelines/pipeline.ts';
import { parseSchedules, type Schedule } from '../../pipelines/schedule.ts';
import type { Session } from '../session.ts';
import { checkParams, createSchedule, refusal, targetOf } from './create.ts';
import { toTemporal } from './definition.ts';
import { viewOf, viewOfDescription } from './described.ts';
import { findSchedule, foreignProblem, memoOf, ownNames } from './owned.ts';

export interface FieldChange {
  field: string;
  from: unknown;
  to: unknown;
}

/** What keeps the server from being as the code says. Schedules that were made by hand are no part of it. */
export interface ScheduleDifference {
  create: { name: string; pipeline: string }[];
  change: { name: string; pipeline: string; changes: FieldChange[] }[];
  delete: { name: string; pipeline: string }[];
  /** Those that are as they should be. */
  same: string[];
}

interface Wanted {
  schedule: Schedule;
  pipeline: AnyPipeline;
}

/**
 * Compares the schedules of pipelines with those on the server.
 * @throws UsageError if two pipelines have schedules of one name, or a name is taken by a schedule that is not the code's
 */
export async function findDifference(session: Session, pipelines: readonly AnyPipeline[]): Promise<ScheduleDifference> {
  const wanted = wantedOf(pipelines);
  const difference: ScheduleDifference = { create: [], change: [], delete: [], same: [] };
  for (const [name, { schedule, pipeline }] of wanted) {
    const found = await findSchedule(session.temporal.client, name);
    if (!found) {
      difference.create.push({ name, pipeline: pipeline.name });
      continue;
    }
    const problem = foreignProblem(session, found);
    if (problem) throw new UsageError(problem);
    if (memoOf(found)?.source !== 'code')
      throw new UsageError(
        `schedule '${name}' was made by 'flowyml schedule create', and pipeline '${pipeline.name}' has one of that name: delete it, or rename one`,
      );
    const changes = changesOf({ schedule, pipeline }, found);
    if (changes.length) difference.change.push({ name, pipeline: pipeline.name, changes });
    else difference.same.push(name);
  }
  for (const name of await ownNames(session, 'code')) {
    const found = wanted.has(name) ? undefined : await findSchedule(session.temporal.client, name);
    if (found) difference.delete.push({ name, pipeline: found.action.workflowType });
  }
  return difference;
}

/** Makes the server as the code says: all that a difference names. */
export async function applyDifference(session: Session, pipelines: readonly AnyPipeline[], difference: ScheduleDifference): Promise<void> {
  const wanted = wantedOf(pipelines);
  const { client } = session.temporal;
  for (const { name } of difference.delete) await client.schedule.getHandle(name).delete();
  for (const { name } of difference.create) {
    const { schedule, pipeline } = wanted.get(name) ?? missing(name);
    await createSchedule(session, pipeline, schedule, 'code');
  }
  for (const { name } of difference.change) {
    const { schedule, pipeline } = wanted.get(name) ?? missing(name);
    try {
      await client.schedule.getHandle(name).update(({ state }) => ({
        ...toTemporal(schedule, targetOf(session, pipeline)),
        state: { ...state, paused: schedule.paused ?? state.paused },
      }));
    } catch (error) {
      throw refusal(error, name);
    }
  }
}

function missing(name: string): never {
  throw new UsageError(`schedule '${name}' is none of these pipelines': find the difference for the same ones`);
}

function wantedOf(pipelines: readonly AnyPipeline[]): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const pipeline of pipelines) {
    for (const schedule of parseSchedules(pipeline.name, pipeline.options.schedule)) {
      const other = wanted.get(schedule.name)?.pipeline;
      if (other)
        throw new UsageError(
          `pipelines '${other.name}' and '${pipeline.name}' both have a schedule '${schedule.name}': give one another 'name'`,
        );
      checkParams(pipeline, schedule);
      wanted.set(schedule.name, { schedule, pipeline });
    }
  }
  return wanted;
}

/** Field by field. Whether it is paused counts only where the code says so: otherwise that is for who operates it. */
function changesOf({ schedule, pipeline }: Wanted, found: ScheduleDescription): FieldChange[] {
  const to: Record<string, unknown> = { ...viewOf(schedule, pipeline.name) };
  const from: Record<string, unknown> = { ...viewOfDescription(found) };
  if (schedule.paused !== undefined) [from.paused, to.paused] = [found.state.paused, schedule.paused];
  return Object.keys(to)
    .filter((field) => canonical(from[field]) !== canonical(to[field]))
    .map((field) => ({ field, from: from[field], to: to[field] }));
}

/** JSON with its keys in order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
