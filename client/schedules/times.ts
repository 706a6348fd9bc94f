import type { Client, ScheduleDescription } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { customAlphabet } from 'nanoid';
import { UsageError } from '../../pipelines/errors.ts';
import { isoSecond, parseMoment, startOfDay } from '../../pipelines/time-zones.ts';

// What a workflow's argument can hold, with room to spare.
const MOST = 100_000;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** A span of time, both ends within; seconds since 1970. */
export interface TimeRange {
  from: number;
  to: number;
}

/**
 * A span as users give it: days of the schedule's time zone, the last one whole, or moments.
 * @throws UsageError for what is neither, and an end before its beginning
 */
export function timeRange(from: string | Date, to: string | Date, timezone: string): TimeRange {
  const range = { from: seconds(from, 'from', timezone), to: seconds(to, 'to', timezone) };
  if (range.to < range.from) throw new UsageError(`to (${shown(to)}) is before from (${shown(from)})`);
  return range;
}

function seconds(given: string | Date, which: 'from' | 'to', timezone: string): number {
  const text = shown(given);
  const at = parseMoment(text);
  if (at === undefined) {
    throw new UsageError(
      `${which}: '${text}' is neither a day of the schedule's time zone, such as 2026-03-01, nor a moment, such as 2026-03-01T06:00:00Z`,
    );
  }
  if (!DAY.test(text)) return Math.floor(at / 1000);
  if (which === 'from') return startOfDay(text, timezone) / 1000;
  return startOfDay(new Date(at + 86_400_000).toISOString().slice(0, 10), timezone) / 1000 - 1;
}

const shown = (given: string | Date) => {
  if (typeof given === 'string') return given;
  return Number.isNaN(given.getTime()) ? 'Invalid Date' : given.toISOString();
};

/**
 * The times of a schedule in a span, as the server knows them; seconds since 1970.
 * @throws UsageError if they are more than one backfill can hold
 */
export async function matchingTimes(client: Client, found: ScheduleDescription, range: TimeRange): Promise<number[]> {
  if (!found.spec.jitter) return listTimes(client, found.scheduleId, range);
  // The server adds jitter to the times it lists, and names runs by those without: a twin without jitter has them.
  const { schedule } = found.raw;
  const twin = `${found.scheduleId}:times:${customAlphabet('0123456789abcdef', 12)()}`;
  const { namespace } = client.options;
  await client.workflowService.createSchedule({
    namespace,
    scheduleId: twin,
    requestId: twin,
    schedule: { ...schedule, spec: { ...schedule?.spec, jitter: null }, state: { paused: true, notes: 'lists times, for a moment' } },
  });
  try {
    return await listTimes(client, twin, range);
  } finally {
    await client.schedule.getHandle(twin).delete();
  }
}

/** The server gives at most a thousand at once, those after its start. */
async function listTimes(client: Client, scheduleId: string, { from, to }: TimeRange): Promise<number[]> {
  const times: number[] = [];
  for (let after = from - 1; ; after = times.at(-1) ?? to) {
    const { startTime } = await client.workflowService.listScheduleMatchingTimes({
      namespace: client.options.namespace,
      scheduleId,
      startTime: msToTs(after * 1000),
      endTime: msToTs(to * 1000),
    });
    if (!startTime.length) return times;
    times.push(...startTime.map((each) => Number(each.seconds)));
    if (times.length > MOST)
      throw new UsageError(
        `there are more than ${MOST} times from ${isoSecond(from * 1000)} to ${isoSecond(to * 1000)}: give a smaller range`,
      );
  }
}
