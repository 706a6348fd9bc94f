import type { Flight } from './flights.ts';
import { DAY_BEGINS } from './split.ts';

/** What the model may know of a flight, and in `late` what it shall predict. */
export type Example = {
  /** The part of the day in which it left, in blocks of `periodHours` from 05:00 on. */
  period: number;
  /** 0 = Sunday. */
  weekday: number;
  /** As `airportNumber()` gives it. */
  origin: number;
  destination: number;
  /** By how far it flies: each band is about a quarter longer than the one before. */
  distance_band: number;
  /** 1 if it arrived more than 15 minutes late. */
  late: number;
};

/** Examples by column; nine bytes a flight. */
export type ExampleColumns = {
  period: Uint8Array;
  weekday: Uint8Array;
  origin: Uint16Array;
  destination: Uint16Array;
  distance_band: Uint8Array;
  late: Uint8Array;
};

const LATE_MINUTES = 15;

// Almost nothing is scheduled between 22:00 and 05:00, so leaving then says by itself that a flight is late: one block for all.
const LAST_HOUR = 17;
const HOURS_PER_DAY = 24;

/** The block of the day, counted from 05:00. */
export function periodOf(minute: number, periodHours: number): number {
  const hour = Math.floor((minute - DAY_BEGINS) / 60) % HOURS_PER_DAY;
  return Math.floor(Math.min(hour, LAST_HOUR) / periodHours);
}

/** The day of the week, 0 = Sunday, of the airlines' day. 1970-01-01 was a Thursday. */
export const weekdayOf = (minute: number) => (Math.floor((minute - DAY_BEGINS) / (60 * HOURS_PER_DAY)) + 4) % 7;

/** The band of a distance in miles. */
export const distanceBand = (miles: number) => Math.floor(3 * Math.log2(miles / 50 + 1));

/** The flights that `keep` takes by their minute, encoded. Of `delay` nothing goes into a feature: only `late` is made of it. */
export function encode(
  flights: { [C in keyof Flight]: ArrayLike<number> },
  keep: (minute: number) => boolean,
  periodHours: number,
): ExampleColumns {
  const kept = new Uint32Array(flights.minute.length);
  let rows = 0;
  for (let i = 0; i < kept.length; i++) {
    if (keep(flights.minute[i] as number)) kept[rows++] = i;
  }
  const out: ExampleColumns = {
    period: new Uint8Array(rows),
    weekday: new Uint8Array(rows),
    origin: new Uint16Array(rows),
    destination: new Uint16Array(rows),
    distance_band: new Uint8Array(rows),
    late: new Uint8Array(rows),
  };
  for (let row = 0; row < rows; row++) {
    const i = kept[row] as number;
    const minute = flights.minute[i] as number;
    out.period[row] = periodOf(minute, periodHours);
    out.weekday[row] = weekdayOf(minute);
    out.origin[row] = flights.origin[i] as number;
    out.destination[row] = flights.destination[i] as number;
    out.distance_band[row] = distanceBand(flights.distance[i] as number);
    out.late[row] = (flights.delay[i] as number) > LATE_MINUTES ? 1 : 0;
  }
  return out;
}
