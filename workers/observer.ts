import type { Observer } from '../activities/index.ts';
import type { WorkerTracing } from '../tracing/index.ts';
import { logEvents } from './event-log.ts';
import type { WorkerMetrics } from './metrics.ts';
import type { WorkerLog } from './runtime.ts';

export interface ObserverParts {
  log?: WorkerLog | undefined;
  /** Whether what steps print and log goes to the log too. */
  logSteps?: boolean | undefined;
  metrics?: WorkerMetrics | undefined;
  tracing?: WorkerTracing | undefined;
}

/** Tells a worker's log, metrics and traces what happens on it. */
export function workerObserver({ log, logSteps = false, metrics, tracing }: ObserverParts): Observer {
  const say = log && logEvents(log);
  return {
    wantsLines: logSteps && log !== undefined,
    traces: tracing?.steps,
    take(event) {
      say?.(event);
      metrics?.take(event);
    },
  };
}
