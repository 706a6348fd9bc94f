import type { CalendarSpec, ScheduleSpec, ScheduleOptions as TemporalOptions } from '@temporalio/client';
import { CALENDAR_FIELDS, type Calendar, type CalendarFieldName, formatCalendar, ranges } from '../../pipelines/calendar.ts';
import type { RunRequest } from '../../pipelines/run-request.ts';
import type { OverlapPolicy, Schedule } from '../../pipelines/schedule.ts';

/** Temporal's names of the overlap policies. */
export const OVERLAP = {
  skip: 'SKIP',
  bufferOne: 'BUFFER_ONE',
  bufferAll: 'BUFFER_ALL',
  cancelOther: 'CANCEL_OTHER',
  terminateOther: 'TERMINATE_OTHER',
  allowAll: 'ALLOW_ALL',
} as const satisfies Record<OverlapPolicy, string>;

/** What a schedule starts: a run of a pipeline. */
export interface Target {
  pipeline: string;
  taskQueue: string;
  /** Shown with the runs in Temporal Web. */
  description?: string | undefined;
}

/** What each run of a schedule is asked for. */
export function requestOf({ params, tags, timezone }: Schedule): RunRequest {
  return {
    ...(Object.keys(params).length ? { params } : {}),
    ...(tags.length ? { tags } : {}),
    ...(timezone === 'UTC' ? {} : { timezone }),
  };
}

/** A schedule as Temporal takes it, without its id and state. */
export function toTemporal(schedule: Schedule, target: Target): Pick<TemporalOptions, 'spec' | 'action' | 'policies'> {
  return {
    spec: specOf(schedule),
    action: {
      type: 'startWorkflow',
      workflowType: target.pipeline,
      taskQueue: target.taskQueue,
      workflowId: schedule.name,
      args: [requestOf(schedule)],
      ...(target.description === undefined ? {} : { staticSummary: target.description }),
    },
    policies: {
      overlap: OVERLAP[schedule.overlap],
      // Always sent: what the server takes without it is not what its documentation says.
      catchupWindow: schedule.catchupWindowMs,
      pauseOnFailure: schedule.pauseOnFailure,
    },
  };
}

/** When a schedule runs. Cron expressions go as calendars, which is what the server makes of them. */
export function specOf({ calendars, intervals, timezone, jitterMs, startAt, endAt }: Schedule): ScheduleSpec {
  return {
    calendars: calendars.map(calendarSpec),
    intervals: intervals.map(({ everyMs, offsetMs }) => ({ every: everyMs, offset: offsetMs })),
    timezone,
    ...(jitterMs ? { jitter: jitterMs } : {}),
    ...(startAt === undefined ? {} : { startAt: new Date(startAt) }),
    ...(endAt === undefined ? {} : { endAt: new Date(endAt) }),
  };
}

function calendarSpec(calendar: Calendar): CalendarSpec {
  const fields = Object.entries(CALENDAR_FIELDS).map(([name, { least, most, names }]) => {
    const values = calendar[name as CalendarFieldName];
    if (!values.length || values.length === most - least + 1) return [name, '*'];
    const said = (value: number) => names?.[value - least] ?? value;
    return [name, ranges(values).map(([from, to]) => ({ start: said(from), end: said(to), step: 1 }))];
  });
  return { ...Object.fromEntries(fields), comment: formatCalendar(calendar) };
}
