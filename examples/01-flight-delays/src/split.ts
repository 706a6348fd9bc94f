const MINUTES_PER_HOUR = 60;
const MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR;

/** The airlines' day begins at five: who leaves at one in the morning belongs to the evening before. */
export const DAY_BEGINS = 5 * MINUTES_PER_HOUR;

/** The number of the airlines' day in which a flight left, counted from 1970. */
export const dayOf = (minute: number) => Math.floor((minute - DAY_BEGINS) / MINUTES_PER_DAY);

/** The first minute of a day. */
export const startOfDay = (day: number) => day * MINUTES_PER_DAY + DAY_BEGINS;

/** The first and the last minute in which a flight left. */
export interface Span {
  first: number;
  last: number;
}

/** The span of all batches. They need not be in order. */
export async function timeSpan(batches: AsyncIterable<{ minute: ArrayLike<number> }>): Promise<Span> {
  const span = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  for await (const { minute } of batches) {
    for (let i = 0; i < minute.length; i++) {
      const at = minute[i] as number;
      if (at < span.first) span.first = at;
      if (at > span.last) span.last = at;
    }
  }
  return span;
}

/**
 * The minute from which on flights are held out: the start of a day, so that about `share` of the days come after it.
 * A random split would put flights of one stormy evening on both sides, and the model would look better than it is.
 * @throws RangeError if there are fewer than two days
 */
export function splitMinute({ first, last }: Span, share: number): number {
  const days = dayOf(last) - dayOf(first) + 1;
  if (!(days >= 2)) throw new RangeError(`the flights span ${days} day(s); a split by time needs two: take more rows (about 17,000 a day)`);
  const held = Math.min(days - 1, Math.max(1, Math.round(days * share)));
  return startOfDay(dayOf(last) - held + 1);
}

/** A minute as people write it: `2001-06-01 05:00`. */
export const minuteText = (minute: number) => new Date(minute * 60_000).toISOString().slice(0, 16).replace('T', ' ');
