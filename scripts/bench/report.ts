import { printTable } from '../../cli/output.ts';
import type { Benchmark, Report, Unit } from './benchmark.ts';
import { type Environment, loadWarning } from './environment.ts';
import { spread } from './sampling.ts';

/** What `--json` writes: every single value, so that others can reckon anew. */
export interface Results {
  environment: Environment & { loadAtEnd?: number[] };
  benchmarks: (Report & Pick<Benchmark, 'name' | 'title'>)[];
}

export function printMachine(environment: Omit<Environment, 'versions'>): void {
  const { cores, memoryGiB, platform, load } = environment;
  console.log(`${cores} cores, ${memoryGiB} GiB, ${platform}; load average ${load.join(', ')} (1, 5, 15 minutes)`);
  const warning = loadWarning(environment);
  if (warning) console.log(`Warning: ${warning}`);
}

export function printVersions(versions: Record<string, string>): void {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  console.log(`${list.join(', ')}\n`);
}

/** Medians with the spread around them, then the ratios. */
export function printReport(title: string, { measurements, ratios = [], notes = [] }: Report): void {
  console.log(`\n${title}`);
  const rows = measurements.map(({ what, unit, values, goal }) => [what, ...cells(values, DIGITS[unit], unit), judged(values, goal)]);
  const compared = ratios.map(({ what, values, goal }) => [what, ...cells(values, 2, 'x'), judged(values, goal)]);
  printTable(['', 'MEDIAN', 'MIDDLE HALF', 'RANGE', 'N', 'GOAL'], [...rows, ...compared]);
  for (const note of notes) console.log(note);
  console.log();
}

const DIGITS: Record<Unit, number> = { ms: 0, 'ms/step': 2, s: 2, MB: 0, events: 0, times: 0 };

function cells(values: readonly number[], digits: number, unit: string): string[] {
  const { median, quartiles, min, max } = spread(values);
  const fixed = (value: number) => value.toFixed(digits);
  const between = (from: number, to: number) => (values.length > 1 ? `${fixed(from)}–${fixed(to)}` : '');
  return [`${fixed(median)} ${unit}`, between(...quartiles), between(min, max), String(values.length)];
}

function judged(values: readonly number[], goal: number | undefined): string {
  if (goal === undefined) return '';
  return `${spread(values).median <= goal ? 'met' : 'missed'} (≤ ${goal})`;
}
