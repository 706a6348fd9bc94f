import { UsageError } from '../../pipelines/errors.ts';
import type { IntervalOptions, OverlapPolicy, ScheduleOptions } from '../../pipelines/schedule.ts';
import { readParams } from '../options.ts';
import { printJson } from '../output.ts';
import { printSchedule } from './schedule-format.ts';
import { scheduledPipeline, warnUnserved, withSchedules } from './schedule-target.ts';

interface CreateOptions {
  cron: string[];
  interval: string[];
  calendar: string[];
  timezone?: string;
  jitter?: string;
  overlap?: string;
  catchupWindow?: string;
  pauseOnFailure?: boolean;
  startAt?: string;
  endAt?: string;
  paused?: boolean;
  param: string[];
  params?: string;
  tag: string[];
  note?: string;
  json?: boolean;
}

/** `flowyml schedule create`: a schedule that no pipeline's code asks for. */
export async function createSchedule(name: string, argument: string, options: CreateOptions): Promise<void> {
  const { project, target } = await scheduledPipeline(argument);
  const params = readParams(target.pipeline, options.params, options.param);
  const { timezone, jitter, overlap, catchupWindow, pauseOnFailure, startAt, endAt, paused, note } = options;
  const given: ScheduleOptions = {
    name,
    ...(options.cron.length ? { cron: options.cron } : {}),
    ...(options.interval.length ? { interval: options.interval.map(interval) } : {}),
    ...(options.calendar.length ? { calendars: options.calendar.map(calendar) } : {}),
    ...(timezone === undefined ? {} : { timezone }),
    ...(jitter === undefined ? {} : { jitter }),
    ...(overlap === undefined ? {} : { overlap: overlap as OverlapPolicy }),
    ...(catchupWindow === undefined ? {} : { catchupWindow }),
    ...(pauseOnFailure ? { pauseOnFailure } : {}),
    ...(startAt === undefined ? {} : { startAt }),
    ...(endAt === undefined ? {} : { endAt }),
    ...(paused ? { paused } : {}),
    ...(note === undefined ? {} : { note }),
    ...(Object.keys(params).length ? { params } : {}),
    ...(options.tag.length ? { tags: options.tag } : {}),
  };
  await withSchedules(async (all, session) => {
    const made = await all.create(target.pipeline, given);
    if (options.json) printJson(made);
    else {
      console.log(`Created schedule ${made.name}.`);
      printSchedule(made);
    }
    await warnUnserved(session, made.pipeline);
  }, project);
}

/** `6h`, or `1 day/3h`: every day, three hours later. */
function interval(text: string): IntervalOptions {
  const [every = '', offset, ...rest] = text.split('/').map((part) => part.trim());
  if (rest.length) throw new UsageError(`--interval ${text}: expected EVERY or EVERY/OFFSET, such as '1 day/3 hours'`);
  return { every, ...(offset === undefined ? {} : { offset }) };
}

function calendar(text: string): Record<string, string> {
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch (error) {
    throw new UsageError(`--calendar ${text}: expected JSON such as '{"hour":6,"dayOfWeek":"MON-FRI"}' (${(error as Error).message})`);
  }
}
