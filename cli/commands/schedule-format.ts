import type { ScheduleSummary } from '../../client/schedules/index.ts';
import { wallTime } from '../../pipelines/time-zones.ts';

/** `2026-03-29 06:00:00`, in a time zone. */
export const inZone = (iso: string, zone: string): string =>
  new Date(wallTime(Date.parse(iso), zone)).toISOString().slice(0, 19).replace('T', ' ');

/** When a schedule runs: `0 6 * * 1-5 (Europe/Berlin), every 6h`. */
export function when({ cron, interval, timezone }: Pick<ScheduleSummary, 'cron' | 'interval' | 'timezone'>): string {
  return [...(cron.length ? [`${cron.join('; ')} (${timezone})`] : []), ...interval].join(', ');
}

/** A value of a schedule, for people. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || (Array.isArray(value) && !value.length)) return 'none';
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join('; ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a schedule does, a line each; what is as usual is left out. */
export function printSchedule(schedule: ScheduleSummary): void {
  const { pipeline, overlap, catchupWindow, jitter, pauseOnFailure, startAt, endAt, params, tags, paused, note, timezone, next } = schedule;
  const lines: [string, string | undefined][] = [
    ['pipeline', pipeline],
    ['runs', when(schedule)],
    ['jitter', jitter === 'none' ? undefined : jitter],
    ['overlap', overlap],
    ['catch-up', catchupWindow],
    ['on failure', pauseOnFailure ? 'pauses' : undefined],
    ['from', startAt ?? undefined],
    ['until', endAt ?? undefined],
    ['params', Object.keys(params).length ? JSON.stringify(params) : undefined],
    ['tags', tags.length ? tags.join(', ') : undefined],
    ['state', paused ? 'paused' : 'active'],
    ['note', note ?? undefined],
    ['next', nextTimes(next, timezone, paused)],
  ];
  for (const [name, text] of lines) if (text !== undefined) console.log(`  ${name.padEnd(10)}  ${text}`);
}

function nextTimes(next: readonly string[], timezone: string, paused: boolean): string {
  if (!next.length) return 'none: it has no more times';
  const times = next
    .slice(0, 5)
    .map((iso) => inZone(iso, timezone))
    .join(', ');
  return `${times} (${timezone})${paused ? ', were it not paused' : ''}`;
}
