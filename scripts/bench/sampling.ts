import { untilQuiet } from './quiet.ts';

/** Something that can be measured again and again: gives its figure. */
export interface Contender {
  name: string;
  measure(): Promise<number>;
}

/**
 * Measures contenders in turns, a round each, after `warmUp` rounds that do not count. Each round begins with another
 * one: what a contender leaves behind (garbage, database writes) does not always hit the same neighbour. `quietMs` is how
 * long to wait, at most and each time, for the machine to have nothing else to do.
 */
export async function interleave(
  contenders: readonly Contender[],
  { rounds, warmUp, quietMs, say }: { rounds: number; warmUp: number; quietMs: number; say: (line: string) => void },
): Promise<Map<string, number[]>> {
  const values = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    const turn = (round + warmUp) % contenders.length;
    const order = [...contenders.slice(turn), ...contenders.slice(0, turn)];
    const line: string[] = [];
    for (const contender of order) {
      if (quietMs) await untilQuiet(quietMs);
      const value = await contender.measure();
      if (round >= 0) values.get(contender.name)?.push(value);
      line.push(`${contender.name} ${value.toFixed(2)}`);
    }
    say(`${round < 0 ? 'warm-up' : `round ${round + 1}/${rounds}`}: ${line.join(', ')}`);
  }
  return values;
}

/** Round by round, one contender's figure over another's. */
export function ratios(values: ReadonlyMap<string, readonly number[]>, of: string, to: string): number[] {
  const base = values.get(to) ?? [];
  return (values.get(of) ?? []).map((value, round) => value / (base[round] ?? Number.NaN));
}

/** How long something takes, in milliseconds. */
export async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

export interface Spread {
  median: number;
  /** The middle half of the values lies between these. */
  quartiles: [number, number];
  min: number;
  max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const low = sorted[Math.floor(place)] ?? Number.NaN;
    const high = sorted[Math.ceil(place)] ?? Number.NaN;
    return low + (high - low) * (place % 1);
  };
  return { median: at(0.5), quartiles: [at(0.25), at(0.75)], min: at(0), max: at(1) };
}
