import type { JsonValue } from './json.ts';
import type { RunResult } from './run-result.ts';

/** Writes to the log of the step's attempt, kept with the run and shown by `flowyml runs logs`. */
export interface StepLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** What a step's function gets as its second argument: its place in the run, and ways to report from it. */
export interface StepRun {
  readonly runId: string;
  readonly pipeline: string;
  readonly step: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** ISO 8601, UTC: the time that the run stands for, where a schedule or its request says so, or its params ask for it. */
  readonly scheduledTime?: string;
  readonly log: StepLogger;
  /** Aborted when the run is cancelled or the attempt's time is up; the process is ended shortly after. */
  readonly signal: AbortSignal;
  /** A folder of the attempt's own, removed when it ends. */
  readonly workDir: string;
  /** Says how far the step is: a fraction from 0 to 1, and what it is doing. */
  progress(fraction: number, message?: string): void;
  /** What the attempt before this one saved last: a retried attempt goes on there, on whatever machine. */
  readonly checkpoint: Checkpoint;
  /** For hooks: how the run has ended. */
  readonly result?: RunResult;
  /** In a map: the place of the item. */
  readonly index?: number;
  /** The span of this attempt as W3C's `traceparent`, where traces are made: what the step does can be traced below it. */
  readonly traceparent?: string;
  /** Records a number, with `step` for a point of a curve. */
  metric(name: string, value: number, options?: { step?: number }): void;
}

/** Plain data that outlives an attempt. */
export interface Checkpoint {
  /** Undefined where nothing was saved. */
  load<T extends JsonValue = JsonValue>(): Promise<T | undefined>;
  /** Comes back once the value is safe. */
  save(value: JsonValue): Promise<void>;
}

const lines = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, fields?: Record<string, JsonValue | unknown>) =>
  fields ? console[level](message, fields) : console[level](message);

/** The run that a step sees when its function is called by hand, as in a unit test: logs go to the console. */
export function detachedRun(step: string): StepRun {
  return {
    runId: 'detached',
    pipeline: 'detached',
    step,
    attempt: 1,
    log: { debug: lines('debug'), info: lines('info'), warn: lines('warn'), error: lines('error') },
    signal: new AbortController().signal,
    workDir: '.',
    progress() {},
    metric() {},
    checkpoint: memoryCheckpoint(),
  };
}

function memoryCheckpoint(): Checkpoint {
  let saved: JsonValue | undefined;
  return {
    load: async <T extends JsonValue>() => saved as T | undefined,
    save: async (value) => {
      saved = value;
    },
  };
}
