import type { ScheduleDescription } from '@temporalio/client';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import type { AnyPipeline } from '../../pipelines/pipeline.ts';
import { OVERLAP_POLICIES, type OverlapPolicy, parseSchedule, type ScheduleOptions } from '../../pipelines/schedule.ts';
import type { Session } from '../session.ts';
import { type BackfillHandle, type BackfillOptions, startBackfill } from './backfill.ts';
import { createSchedule, nameOf, type ScheduledPipeline } from './create.ts';
import { findSchedule, ownNames, ownSchedule } from './owned.ts';
import { detailsOf, type ScheduleDetails, type ScheduleSummary, summaryOf } from './show.ts';
import { applyDifference, findDifference, type ScheduleDifference } from './sync.ts';
import { type Triggered, trigger } from './trigger.ts';

export type { BackfillHandle, BackfillOptions, BackfillProgress } from './backfill.ts';
export type { ScheduleView } from './described.ts';
export type { ScheduleDetails, ScheduledRun, ScheduleSummary } from './show.ts';
export type { FieldChange, ScheduleDifference } from './sync.ts';
export type { Triggered } from './trigger.ts';

/** The schedules of a project. All throw UsageError for one that is not there, or is not the project's. */
export interface Schedules {
  /**
   * Creates a schedule, named as the pipeline unless its options say otherwise. Its params are checked where the pipeline
   * itself is given, not only its name.
   * @throws UsageError for a mistake in its options, and a name that is taken
   */
  create(pipeline: ScheduledPipeline, options: ScheduleOptions): Promise<ScheduleSummary>;
  list(): Promise<ScheduleSummary[]>;
  /** All that is known of one, with its newest runs: 10 unless `runs` says otherwise. */
  show(name: string, options?: { runs?: number }): Promise<ScheduleDetails>;
  /** Starts no more runs until it is resumed. */
  pause(name: string, note?: string): Promise<void>;
  resume(name: string, note?: string): Promise<void>;
  /** Starts a run now; where one goes on, by the schedule's overlap policy or the one given. */
  trigger(name: string, options?: { overlap?: OverlapPolicy }): Promise<Triggered>;
  /** Runs what it would have run in a span of the past, each time once, however often it is asked for. */
  backfill(name: string, options: BackfillOptions): Promise<BackfillHandle>;
  /** Its runs stay. */
  delete(name: string): Promise<void>;
  /** What keeps the server from being as the code says. Give it all pipelines of the project: what they lack is to be deleted. */
  difference(pipelines: readonly AnyPipeline[]): Promise<ScheduleDifference>;
  /** Makes the server as the code says; gives what it changed. Schedules that `create` made are left alone. */
  sync(pipelines: readonly AnyPipeline[]): Promise<ScheduleDifference>;
}

/** The schedules of a session's project. */
export function schedules(session: Session): Schedules {
  const { client } = session.temporal;
  return {
    async create(pipeline, options) {
      const name = nameOf(pipeline);
      const schedule = parseSchedule(options, { name, where: 'schedule' });
      await createSchedule(session, pipeline, schedule, 'command');
      return summaryOf(await ownSchedule(session, schedule.name));
    },
    async list() {
      const names = await ownNames(session);
      // The list may still have what was deleted a moment ago.
      const found = await Promise.all(names.map((name) => findSchedule(client, name)));
      return found
        .filter((each): each is ScheduleDescription => each !== undefined)
        .map(summaryOf)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    show: async (name, { runs = 10 } = {}) => detailsOf(session, await ownSchedule(session, name), runs),
    async pause(name, note = 'paused') {
      await ownSchedule(session, name);
      await client.schedule.getHandle(name).pause(note);
    },
    async resume(name, note = 'resumed') {
      await ownSchedule(session, name);
      await client.schedule.getHandle(name).unpause(note);
    },
    async trigger(name, { overlap } = {}) {
      if (overlap !== undefined && !OVERLAP_POLICIES.includes(overlap))
        throw new UsageError(`overlap: '${overlap}' is unknown${hint(overlap, OVERLAP_POLICIES)}`);
      return trigger(session, await ownSchedule(session, name), overlap);
    },
    backfill: async (name, options) => startBackfill(session, await ownSchedule(session, name), options),
    async delete(name) {
      await ownSchedule(session, name);
      await client.schedule.getHandle(name).delete();
    },
    difference: (pipelines) => findDifference(session, pipelines),
    async sync(pipelines) {
      const difference = await findDifference(session, pipelines);
      await applyDifference(session, pipelines, difference);
      return difference;
    },
  };
}
