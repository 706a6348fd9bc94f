import type { Workspace } from './workspace.ts';

export type Unit = 'ms' | 'ms/step' | 's' | 'MB' | 'events' | 'times';

/** One thing, measured several times. */
export interface Measurement {
  what: string;
  unit: Unit;
  values: number[];
  /** What we hold ourselves to: the median is to be at most this. */
  goal?: number;
}

/** One thing beside another, round by round: the noise of a round is in both. */
export interface Ratio {
  what: string;
  values: number[];
  goal?: number;
}

export interface Report {
  measurements: Measurement[];
  ratios?: Ratio[];
  /** What a reader must know to read the figures. */
  notes?: string[];
}

export interface BenchOptions {
  /** Rounds that count; warm-up comes on top. */
  rounds: number;
  /** How long to wait before each measurement, at most, for a quiet machine; 0 = not at all. */
  quietMs: number;
  /** The built package; undefined where there is none. */
  dist: string | undefined;
  say(line: string): void;
}

export interface Benchmark {
  name: string;
  title: string;
  run(workspace: Workspace, options: BenchOptions): Promise<Report>;
}
