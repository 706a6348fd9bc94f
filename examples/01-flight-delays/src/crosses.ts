import type { Example } from './features.ts';

/** How many weights the model has. About 8,000 are in use, so few features share one. */
export const BUCKETS = 1 << 18;

/** How many weights take part in one prediction. */
export const WIDTH = 11;

type Columns = { [C in Exclude<keyof Example, 'late'>]: ArrayLike<number> };

/**
 * The weights that each flight uses, `WIDTH` numbers a row: one for all flights, one for each of its features, and one
 * for each pair of features that says more than the two alone (Friday evening, Chicago in the morning, a route).
 * Pairs are hashed into buckets, so no dictionary has to be built, kept or passed on.
 */
export function bucketsOf(columns: Columns): Uint32Array {
  const rows = columns.origin.length;
  const out = new Uint32Array(rows * WIDTH);
  for (let row = 0, at = 0; row < rows; row++) {
    const period = columns.period[row] as number;
    const weekday = columns.weekday[row] as number;
    const origin = columns.origin[row] as number;
    const destination = columns.destination[row] as number;
    out[at++] = 0;
    out[at++] = bucket(1, period, 0);
    out[at++] = bucket(2, weekday, 0);
    out[at++] = bucket(3, origin, 0);
    out[at++] = bucket(4, destination, 0);
    out[at++] = bucket(5, columns.distance_band[row] as number, 0);
    out[at++] = bucket(6, origin, period);
    out[at++] = bucket(7, destination, period);
    out[at++] = bucket(8, origin, destination);
    out[at++] = bucket(9, origin, weekday);
    out[at++] = bucket(10, weekday, period);
  }
  return out;
}

/** The bucket of a feature or pair; never 0, which is the intercept's. The mixing is that of MurmurHash3. */
function bucket(field: number, a: number, b: number): number {
  let h = Math.imul(a + 1, 0xcc9e2d51) ^ Math.imul(b + 1, 0x1b873593) ^ Math.imul(field, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return 1 + (((h ^ (h >>> 16)) >>> 0) % (BUCKETS - 1));
}
