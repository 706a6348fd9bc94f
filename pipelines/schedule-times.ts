import type { Calendar } from './calendar.ts';
import { parseSchedule, type Schedule, type ScheduleOptions } from './schedule.ts';
import { momentsOf, wallTime } from './time-zones.ts';

const DAY = 86_400_000;
// Temporal's calendars end there.
const END = Date.UTC(2101, 0, 1);

/**
 * The times at which a schedule starts runs, computed here: no server is asked, and jitter is left out. Times that a clock
 * change skips are left out. Those that clocks show twice are there twice; Temporal's server, east of Greenwich, takes the
 * second only.
 * @param from times after it; now unless given
 * @throws UsageError for a mistake in the schedule
 *
 * @example
 * nextTimes({ cron: '0 6 * * 1-5', timezone: 'Europe/Berlin' }, { count: 3 });
 */
export function nextTimes(schedule: ScheduleOptions, { from = new Date(), count = 10 }: { from?: Date; count?: number } = {}): Date[] {
  return timesOf(parseSchedule(schedule, { name: 'schedule', where: 'schedule' }), from.getTime(), count).map((at) => new Date(at));
}

/** Times of a schedule after a moment, in milliseconds. */
export function timesOf(schedule: Schedule, from: number, count: number): number[] {
  const { calendars, intervals, timezone, startAt, endAt } = schedule;
  const after = Math.max(from, startAt === undefined ? -Infinity : Date.parse(startAt) - 1);
  const until = endAt === undefined ? END : Date.parse(endAt);
  const found = new Set<number>();
  const take = (times: Iterable<number>) => {
    let taken = 0;
    for (const at of times) {
      if (at > until || taken++ === count) return;
      found.add(at);
    }
  };
  for (const calendar of calendars) take(calendarTimes(calendar, timezone, after));
  for (const interval of intervals) take(intervalTimes(interval, after));
  return [...found].sort((a, b) => a - b).slice(0, count);
}

function* intervalTimes({ everyMs, offsetMs }: Schedule['intervals'][number], after: number): Iterable<number> {
  for (let n = Math.floor((after - offsetMs) / everyMs) + 1; ; n++) yield n * everyMs + offsetMs;
}

function* calendarTimes(calendar: Calendar, zone: string, after: number): Iterable<number> {
  for (let day = Math.floor(wallTime(after, zone) / DAY) * DAY; day < END; day += DAY) {
    if (!fitsDay(calendar, new Date(day))) continue;
    const times: number[] = [];
    for (const hour of calendar.hour)
      for (const minute of calendar.minute)
        for (const second of calendar.second) times.push(...momentsOf(day + ((hour * 60 + minute) * 60 + second) * 1000, zone));
    for (const at of times.sort((a, b) => a - b)) if (at > after) yield at;
  }
}

function fitsDay({ year, month, dayOfMonth, dayOfWeek }: Calendar, day: Date): boolean {
  return (
    (!year.length || year.includes(day.getUTCFullYear())) &&
    month.includes(day.getUTCMonth() + 1) &&
    dayOfMonth.includes(day.getUTCDate()) &&
    dayOfWeek.includes(day.getUTCDay())
  );
}
