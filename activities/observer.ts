import { activityInfo } from '@temporalio/activity';
import type { ErrorInfo } from '../pipelines/run-result.ts';

/** A run, as it is named to those who watch a worker. */
export interface RunPlace {
  run: string;
  pipeline: string;
}

/** One attempt of a step. */
export interface AttemptPlace extends RunPlace {
  step: string;
  /** Counts from 1. */
  attempt: number;
  /** The task queue that it came by. */
  queue: string;
  /** In a map: the place of the batch. */
  batch?: number;
}

/** `retried`: it failed and another one follows. `interrupted`: its worker stopped, or Temporal gave it to another one. */
export type AttemptOutcome = 'succeeded' | 'skipped' | 'failed' | 'retried' | 'cancelled' | 'interrupted';

/** What happens on a worker: names and numbers, never the value of a param, an input or an output. */
export type WorkerEvent =
  | ({ kind: 'runPlanned'; params: string[]; steps: number; cached: number } & RunPlace)
  | ({ kind: 'runEnded'; status: string; error?: ErrorInfo } & RunPlace)
  | ({ kind: 'attemptStarted'; waitedMs: number } & AttemptPlace)
  | ({ kind: 'attemptEnded'; outcome: AttemptOutcome; durationMs: number; error?: ErrorInfo } & AttemptPlace)
  | ({ kind: 'stepEnded'; step: string; status: string; durationMs: number; reason?: string } & RunPlace)
  | ({ kind: 'cacheAsked'; hit: boolean; step: string } & RunPlace)
  | ({ kind: 'stepLine'; level: LineLevel; text: string } & AttemptPlace);

export type LineLevel = 'debug' | 'info' | 'warn' | 'error';

/** Watches what a worker does: logs, metrics and traces are made of it. Nothing it does may throw. */
export interface Observer {
  take(event: WorkerEvent): void;
  /** Whether anybody wants what steps print. */
  readonly wantsLines: boolean;
  /** Where traces are made: the span of an attempt, which lasts until its work has ended. */
  readonly traces?: AttemptTraces | undefined;
}

export interface AttemptTraces {
  /** `traceparent`: the attempt's span, as W3C writes it. */
  attempt<T extends { status: string }>(place: AttemptPlace, work: (traceparent: string | undefined) => Promise<T>): Promise<T>;
  /** The span of a step that the cache answered. */
  cached(place: RunPlace & { step: string }): void;
}

/** The run whose activity this is. */
export function runPlace(): RunPlace {
  const { workflowExecution, workflowType = '' } = activityInfo();
  return { run: workflowExecution?.workflowId ?? '', pipeline: workflowType };
}

interface End {
  status: string;
  durationMs: number;
  reason?: string | undefined;
}

/** Says how steps ended that no attempt has ended: those of `ends` whose end `first` names as written just now. */
export function reportEnds(observer: Observer, ends: Record<string, End>, first: readonly string[]): void {
  const place = runPlace();
  for (const step of first) {
    const { status, durationMs, reason } = ends[step] as End;
    if (status === 'cached') {
      observer.take({ kind: 'cacheAsked', ...place, step, hit: true });
      observer.traces?.cached({ ...place, step });
    }
    observer.take({ kind: 'stepEnded', ...place, step, status, durationMs, ...(reason === undefined ? {} : { reason }) });
  }
}
