import type { CalendarSpecDescription, ScheduleDescription } from '@temporalio/client';
import prettyMilliseconds from 'pretty-ms';
import { CALENDAR_FIELDS, type Calendar, type CalendarFieldName, formatCalendar } from '../../pipelines/calendar.ts';
import type { JsonValue } from '../../pipelines/json.ts';
import type { RunRequest } from '../../pipelines/run-request.ts';
import type { OverlapPolicy, Schedule } from '../../pipelines/schedule.ts';
import { isoSecond } from '../../pipelines/time-zones.ts';
import { OVERLAP } from './definition.ts';

/** What a schedule does, in words that are the same for code and server. */
export interface ScheduleView {
  pipeline: string;
  /** As cron writes it, in the time zone. */
  cron: string[];
  /** `every 6h`, `every 1d, offset 3h`. */
  interval: string[];
  timezone: string;
  jitter: string;
  overlap: OverlapPolicy;
  catchupWindow: string;
  pauseOnFailure: boolean;
  startAt: string | null;
  endAt: string | null;
  params: Record<string, JsonValue>;
  tags: string[];
}

const span = (ms: number) => (ms ? prettyMilliseconds(ms) : 'none');
const intervalText = ({ every, offset }: { every: number; offset: number }) =>
  `every ${span(every)}${offset ? `, offset ${span(offset)}` : ''}`;

/** A schedule of the code, for people. */
export function viewOf(schedule: Schedule, pipeline: string): ScheduleView {
  return {
    pipeline,
    cron: schedule.calendars.map(formatCalendar).sort(),
    interval: schedule.intervals.map(({ everyMs, offsetMs }) => intervalText({ every: everyMs, offset: offsetMs })).sort(),
    timezone: schedule.timezone,
    jitter: span(schedule.jitterMs),
    overlap: schedule.overlap,
    catchupWindow: span(schedule.catchupWindowMs),
    pauseOnFailure: schedule.pauseOnFailure,
    startAt: schedule.startAt ?? null,
    endAt: schedule.endAt ?? null,
    params: schedule.params,
    tags: schedule.tags,
  };
}

/** A schedule of the server, for people. */
export function viewOfDescription({ spec, action, policies }: ScheduleDescription): ScheduleView {
  const request = requestIn(action);
  const overlap = Object.entries(OVERLAP).find(([, name]) => name === policies.overlap)?.[0] as OverlapPolicy | undefined;
  return {
    pipeline: action.workflowType,
    cron: (spec.calendars ?? []).map((calendar) => formatCalendar(readCalendar(calendar))).sort(),
    interval: (spec.intervals ?? []).map(intervalText).sort(),
    timezone: spec.timezone || 'UTC',
    jitter: span(spec.jitter ?? 0),
    overlap: overlap ?? 'skip',
    catchupWindow: span(policies.catchupWindow),
    pauseOnFailure: policies.pauseOnFailure,
    startAt: spec.startAt ? isoSecond(spec.startAt) : null,
    endAt: spec.endAt ? isoSecond(spec.endAt) : null,
    params: request.params ?? {},
    tags: request.tags ?? [],
  };
}

/** What the schedule's runs are asked for. */
export const requestIn = (action: ScheduleDescription['action']): RunRequest => (action.args?.[0] as RunRequest | undefined) ?? {};

function readCalendar(spec: CalendarSpecDescription): Calendar {
  const fields = Object.entries(CALENDAR_FIELDS).map(([name, { least, names }]) => {
    const read = (value: string | number) => (typeof value === 'number' ? value : least + (names?.indexOf(value) ?? 0));
    const values = new Set<number>();
    for (const { start, end, step } of spec[name as CalendarFieldName])
      for (let value = read(start); value <= read(end); value += step) values.add(value);
    return [name, [...values].sort((a, b) => a - b)];
  });
  return Object.fromEntries(fields) as Calendar;
}
