import { nearest } from './names.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Why a time zone cannot be used; undefined if it can. */
export function timeZoneProblem(zone: unknown): string | undefined {
  const problem = `${JSON.stringify(zone)} is not a time zone; expected a name such as 'Europe/Berlin' or 'UTC'`;
  if (typeof zone !== 'string' || !/^[A-Za-z]/.test(zone)) return problem;
  const like = (name: string) => name.toLowerCase() === zone.toLowerCase();
  const names = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    // Temporal knows each by its exact name only.
    if (timeZone === zone || !like(timeZone)) return undefined;
  } catch {
    // No zone at all: the nearest name is told below.
  }
  const near = names.find(like) ?? nearest(zone, names);
  return near ? `${JSON.stringify(zone)} is not a time zone; did you mean '${near}'?` : problem;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

/** What clocks in a zone show at a moment, as if it were UTC; milliseconds, to the second. */
export function wallTime(at: number, zone: string): number {
  const second = Math.floor(at / 1000) * 1000;
  if (zone === 'UTC') return second;
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(second)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: s = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, s);
}

/** The moments at which clocks in a zone show a time: one; none where it is skipped, two where it is shown twice. */
export function momentsOf(wall: number, zone: string): number[] {
  if (zone === 'UTC') return [wall];
  const offsets = new Set([wall - DAY, wall + DAY].map((near) => wallTime(near, zone) - near));
  return [...offsets]
    .map((offset) => wall - offset)
    .filter((at) => wallTime(at, zone) === wall)
    .sort((a, b) => a - b);
}

/** The day that it is in a zone: `2026-03-29`. */
export const localDate = (at: number, zone: string): string => new Date(wallTime(at, zone)).toISOString().slice(0, 10);

/** The first moment of a day in a zone, where its clocks may begin later than at midnight. */
export function startOfDay(date: string, zone: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  for (let wall = midnight; ; wall += 15 * MINUTE) {
    const [first] = momentsOf(wall, zone);
    if (first !== undefined) return first;
  }
}

/** ISO 8601, UTC, to the second: as Temporal ends the ids of scheduled runs. */
export const isoSecond = (at: number | Date): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

// Without a zone, what is meant would depend on the machine.
const MOMENT = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** Milliseconds of a day (its begin in UTC) or a moment with its zone, in ISO 8601; undefined for all else, such as a 30th of February. */
export function parseMoment(text: string): number | undefined {
  const day = MOMENT.exec(text)?.[1];
  const at = Date.parse(text);
  // JavaScript takes that day for the 2nd of March.
  if (day === undefined || Number.isNaN(at) || !new Date(Date.parse(day)).toISOString().startsWith(day)) return undefined;
  return at;
}
