import { describe, expect, it } from 'vitest';
import { airportNumber } from '../src/airports.ts';
import { BUCKETS, bucketsOf, WIDTH } from '../src/crosses.ts';
import { encode, periodOf, weekdayOf } from '../src/features.ts';
import { type FlightColumns, plausible } from '../src/flights.ts';
import { dayOf, minuteText, splitMinute, startOfDay, timeSpan } from '../src/split.ts';

const at = (text: string) => Date.parse(`${text}Z`) / 60_000;
const bytes = (text: string) => new TextEncoder().encode(text);
const everyFlight = () => true;

/** A flight every hour for ten days. */
function flights(rows = 240): FlightColumns {
  const number = (n: number) => (i: number) => (i * 31 + n) % 17_000;
  const each = (make: (i: number) => number) => Array.from({ length: rows }, (_, i) => make(i));
  return {
    minute: Int32Array.from(each((i) => at('2001-03-01T05:00') + i * 60)),
    delay: Int16Array.from(each((i) => (i % 5) * 10 - 10)),
    distance: Uint16Array.from(each(number(100))),
    origin: Uint16Array.from(each(number(1))),
    destination: Uint16Array.from(each(number(2))),
  };
}

async function* batches(all: FlightColumns): AsyncGenerator<FlightColumns> {
  for (let from = 0; from < all.minute.length; from += 100) {
    yield Object.fromEntries(Object.entries(all).map(([name, column]) => [name, column.subarray(from, from + 100)])) as FlightColumns;
  }
}

describe('airports', () => {
  it('have numbers of their own that fit into 16 bits', () => {
    expect(['AAA', 'AAB', 'ABA', 'LAX', 'ZZZ'].map((code) => airportNumber(bytes(code)))).toEqual([0, 1, 26, 7459, 17_575]);
  });

  it.each(['LA', 'LAXX', 'la1', ''])('refuse %j', (code) => {
    expect(() => airportNumber(bytes(code))).toThrow(RangeError);
  });
});

describe('the time of departure', () => {
  it('counts the night with the evening before', () => {
    expect(weekdayOf(at('2001-06-03T05:00'))).toBe(0); // a Sunday
    expect(weekdayOf(at('2001-06-03T04:59'))).toBe(6);
    expect(dayOf(at('2001-06-03T04:59'))).toBe(dayOf(at('2001-06-02T05:00')));
  });

  it('is known in blocks, the night being one', () => {
    const periods = (hours: number) =>
      ['05:00', '07:59', '08:00', '21:59', '22:00', '00:30', '04:59'].map((t) => periodOf(at(`2001-06-03T${t}`), hours));
    expect(periods(3)).toEqual([0, 0, 1, 5, 5, 5, 5]);
    expect(periods(1)).toEqual([0, 2, 3, 16, 17, 17, 17]);
  });
});

describe('encode', () => {
  it('gives the same examples and buckets every time', () => {
    const [one, other] = [encode(flights(), everyFlight, 3), encode(flights(), everyFlight, 3)];
    expect(one).toEqual(other);
    expect(bucketsOf(one)).toEqual(bucketsOf(other));
  });

  it('takes nothing from the delay but whether it was more than 15 minutes', () => {
    const delayed = (minutes: number) => encode({ ...flights(), delay: new Int16Array(240).fill(minutes) }, everyFlight, 3);
    const { late: none, ...one } = delayed(15);
    const { late: all, ...other } = delayed(16);
    expect(one).toEqual(other);
    expect([...none].every((y) => y === 0)).toBe(true);
    expect([...all].every((y) => y === 1)).toBe(true);
  });

  it('gives flights with the same features the same buckets, wherever they stand', () => {
    const { minute, delay, distance, origin, destination } = flights(3);
    const same = { minute, delay, distance: distance.fill(700), origin: origin.fill(5), destination: destination.fill(6) };
    const buckets = bucketsOf(encode(same, everyFlight, 3));
    expect(buckets.subarray(WIDTH, 2 * WIDTH)).toEqual(buckets.subarray(0, WIDTH));
  });

  it('puts each field of a flight into a bucket of its own, the intercept into the first', () => {
    const buckets = bucketsOf(encode(flights(1), everyFlight, 3));
    expect(buckets).toHaveLength(WIDTH);
    expect(new Set(buckets).size).toBe(WIDTH);
    expect(buckets[0]).toBe(0);
    expect(Math.max(...buckets)).toBeLessThan(BUCKETS);
  });
});

describe('the split', () => {
  it('has each flight on one side, all of the training before all that is held out', async () => {
    const all = flights();
    const split = splitMinute(await timeSpan(batches(all)), 0.2);
    const train = all.minute.filter((minute) => minute < split);
    const test = all.minute.filter((minute) => minute >= split);
    expect(minuteText(split)).toBe('2001-03-09 05:00');
    expect([train.length, test.length]).toEqual([192, 48]);
    expect(Math.max(...train)).toBeLessThan(Math.min(...test));
    const encoded = [encode(all, (minute) => minute < split, 3), encode(all, (minute) => minute >= split, 3)];
    expect(encoded.map(({ late }) => late.length)).toEqual([192, 48]);
  });

  it.each([0.001, 0.999])('leaves a day on each side for a share of %d', async (share) => {
    const span = await timeSpan(batches(flights()));
    const split = splitMinute(span, share);
    expect(split).toBeGreaterThan(span.first);
    expect(split).toBeLessThanOrEqual(span.last);
    expect(split).toBe(startOfDay(dayOf(split)));
  });

  it('needs two days', async () => {
    const span = await timeSpan(batches(flights(24)));
    expect(() => splitMinute(span, 0.2)).toThrow('span 1 day(s)');
  });
});

it('errors of recording are left out, the other flights stay as they are', () => {
  const all = flights(3);
  expect(plausible(all)).toBe(all);
  all.delay[1] = -1116;
  expect(plausible(all)).toEqual({
    minute: Int32Array.of(all.minute[0] as number, all.minute[2] as number),
    delay: Int16Array.of(-10, 10),
    distance: Uint16Array.of(100, 162),
    origin: Uint16Array.of(1, 63),
    destination: Uint16Array.of(2, 64),
  });
});
