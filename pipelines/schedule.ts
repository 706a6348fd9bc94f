import { type Calendar, type CalendarOptions, parseCalendar } from './calendar.ts';
import { parseCron } from './cron.ts';
import { type Duration, milliseconds } from './duration.ts';
import { UsageError } from './errors.ts';
import type { JsonValue } from './json.ts';
import { hint, nameProblem } from './names.ts';
import { isoSecond, parseMoment, timeZoneProblem } from './time-zones.ts';

/** What happens when a run is due while one that the schedule started goes on. */
export const OVERLAP_POLICIES = ['skip', 'bufferOne', 'bufferAll', 'cancelOther', 'terminateOther', 'allowAll'] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** Every so much time, counted from 1970-01-01T00:00:00Z plus `offset`. */
export interface IntervalOptions {
  every: Duration;
  offset?: Duration;
}

/** When a pipeline runs by itself. At least one of `cron`, `interval` and `calendars` says so; where several do, all hold. */
export interface ScheduleOptions {
  /** Its id in Temporal, and how its runs' ids begin; the pipeline's name unless given. */
  name?: string;
  /** `'0 6 * * 1-5'`: minute, hour, day of month, month, day of week. */
  cron?: string | readonly string[];
  interval?: Duration | IntervalOptions | readonly (Duration | IntervalOptions)[];
  calendars?: readonly CalendarOptions[];
  /** For `cron` and `calendars`, such as `'Europe/Berlin'`; UTC unless given. */
  timezone?: string;
  /** Runs start up to so much later, by chance: for many schedules of one time. */
  jitter?: Duration;
  /** `skip` unless given. */
  overlap?: OverlapPolicy;
  /** How late a run may start after the server was away; 1 day unless given, at least 10 seconds. */
  catchupWindow?: Duration;
  /** Pause the schedule when a run of it fails. */
  pauseOnFailure?: boolean;
  /** No runs before it. ISO 8601 or a Date. */
  startAt?: string | Date;
  /** No runs after it. */
  endAt?: string | Date;
  /** Begin paused; where it is given, `schedule sync` sees to it later too. */
  paused?: boolean;
  /** Of its runs; `{{ scheduled_time }}` and `{{ scheduled_date }}` in strings are filled in. */
  params?: Record<string, JsonValue>;
  /** Of its runs. */
  tags?: readonly string[];
  /** Shown with the schedule. */
  note?: string;
}

/** A schedule, checked and with its defaults. Times of day are in its time zone, others ISO 8601 in UTC. */
export interface Schedule {
  name: string;
  calendars: Calendar[];
  intervals: { everyMs: number; offsetMs: number }[];
  timezone: string;
  jitterMs: number;
  overlap: OverlapPolicy;
  catchupWindowMs: number;
  pauseOnFailure: boolean;
  startAt?: string;
  endAt?: string;
  paused?: boolean;
  note?: string;
  params: Record<string, JsonValue>;
  tags: string[];
}

const CATCHUP_WINDOW: Duration = '1 day';
const LEAST_CATCHUP_MS = 10_000;

const OPTIONS: readonly (keyof ScheduleOptions)[] = [
  'name',
  'cron',
  'interval',
  'calendars',
  'timezone',
  'jitter',
  'overlap',
  'catchupWindow',
  'pauseOnFailure',
  'startAt',
  'endAt',
  'paused',
  'params',
  'tags',
  'note',
];

/**
 * The schedules that a pipeline's option means.
 * @throws UsageError for the first mistake, with the option's name
 */
export function parseSchedules(pipeline: string, option: unknown): Schedule[] {
  if (option === undefined) return [];
  const several = Array.isArray(option);
  const found: Schedule[] = [];
  for (const [i, each] of (several ? option : [option]).entries()) {
    const where = several ? `schedule[${i}]` : 'schedule';
    const schedule = parseSchedule(each as ScheduleOptions, { name: pipeline, where: `pipeline '${pipeline}': ${where}` });
    if (found.some(({ name }) => name === schedule.name))
      throw new UsageError(`pipeline '${pipeline}': two schedules are named '${schedule.name}': give each a 'name' of its own`);
    found.push(schedule);
  }
  return found;
}

/**
 * A schedule as it was meant.
 * @param defaults the name where it has none, and how messages begin
 * @throws UsageError for the first mistake, with the option's name
 */
export function parseSchedule(options: ScheduleOptions, { name, where }: { name: string; where: string }): Schedule {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new UsageError(`${where}: expected an object such as { cron: '0 6 * * 1-5' }, or several in an array`);
  for (const key of Object.keys(options))
    if (!(OPTIONS as readonly string[]).includes(key)) throw new UsageError(`${where}: unknown option '${key}'${hint(key, OPTIONS)}`);
  const wrong = options.name === undefined ? undefined : nameProblem('schedule', options.name);
  if (wrong) throw new UsageError(`${where}: ${wrong}`);
  const calendars = [
    ...list(options.cron).map((text) => parseCron(text, `${where}: cron`)),
    ...list(options.calendars).map((each) => parseCalendar(each, `${where}: calendars`)),
  ];
  const intervals = list(options.interval).map((each) => parseInterval(each, `${where}: interval`));
  if (!calendars.length && !intervals.length) throw new UsageError(`${where}: say when: at least one of cron, interval and calendars`);
  const schedule: Schedule = {
    name: options.name ?? name,
    calendars,
    intervals,
    timezone: options.timezone ?? 'UTC',
    jitterMs: milliseconds(options.jitter ?? 0, `${where}: jitter`),
    overlap: options.overlap ?? 'skip',
    catchupWindowMs: milliseconds(options.catchupWindow ?? CATCHUP_WINDOW, `${where}: catchupWindow`),
    pauseOnFailure: flag(options.pauseOnFailure, `${where}: pauseOnFailure`) ?? false,
    ...time(options.startAt, 'startAt', where),
    ...time(options.endAt, 'endAt', where),
    ...(options.paused === undefined ? {} : { paused: flag(options.paused, `${where}: paused`) ?? false }),
    ...(options.note === undefined ? {} : { note: text(options.note, `${where}: note`) }),
    params: { ...record(options.params, `${where}: params`) },
    tags: list(options.tags).map((tag) => text(tag, `${where}: tags`)),
  };
  checkRest(schedule, where);
  return schedule;
}

function checkRest({ timezone, overlap, catchupWindowMs, startAt, endAt }: Schedule, where: string): void {
  const zone = timeZoneProblem(timezone);
  if (zone) throw new UsageError(`${where}: timezone: ${zone}`);
  if (!OVERLAP_POLICIES.includes(overlap))
    throw new UsageError(`${where}: overlap: ${JSON.stringify(overlap)} is unknown${hint(String(overlap), OVERLAP_POLICIES)}`);
  if (catchupWindowMs < LEAST_CATCHUP_MS) throw new UsageError(`${where}: catchupWindow: at least 10 s is needed`);
  if (startAt !== undefined && endAt !== undefined && Date.parse(endAt) <= Date.parse(startAt))
    throw new UsageError(`${where}: endAt (${endAt}) is not after startAt (${startAt})`);
}

function parseInterval(given: Duration | IntervalOptions, where: string): Schedule['intervals'][number] {
  const { every, offset = 0, ...rest } = typeof given === 'object' && given !== null ? given : { every: given };
  for (const key of Object.keys(rest)) throw new UsageError(`${where}: unknown option '${key}'${hint(key, ['every', 'offset'])}`);
  const [everyMs, offsetMs] = [milliseconds(every, `${where}: every`), milliseconds(offset, `${where}: offset`)];
  if (everyMs < 1000 || everyMs % 1000 || offsetMs % 1000) throw new UsageError(`${where}: expected whole seconds, at least 1`);
  if (offsetMs >= everyMs) throw new UsageError(`${where}: offset must be less than every`);
  return { everyMs, offsetMs };
}

function time<K extends 'startAt' | 'endAt'>(given: unknown, key: K, where: string): { [key in K]?: string } {
  if (given === undefined) return {};
  const at = given instanceof Date ? given.getTime() : typeof given === 'string' ? parseMoment(given) : undefined;
  if (at === undefined || Number.isNaN(at)) {
    throw new UsageError(
      `${where}: ${key}: ${JSON.stringify(given)} is not a time; expected ISO 8601 with its zone, such as '2026-03-01' (UTC) or '2026-03-01T06:00:00+01:00', or a Date`,
    );
  }
  return { [key]: isoSecond(at) } as { [key in K]?: string };
}

function flag(value: unknown, where: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw new UsageError(`${where}: expected true or false, not ${JSON.stringify(value)}`);
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string' && value) return value;
  throw new UsageError(`${where}: expected text, not ${JSON.stringify(value)}`);
}

function record(value: unknown, where: string): Record<string, JsonValue> {
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, JsonValue>;
  throw new UsageError(`${where}: expected an object with a value for each param`);
}

const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];
