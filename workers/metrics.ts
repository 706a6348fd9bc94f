import type { MetricMeter } from '@temporalio/common';
import type { MetricsExporterConfig } from '@temporalio/worker';
import type { WorkerEvent } from '../activities/index.ts';

/** Where a worker's metrics go: to who asks this port, or to an OpenTelemetry collector. */
export type MetricsTarget = { bindAddress: string } | { otlpUrl: string; headers: Record<string, string>; everyMs: number };

// From a cache's answer to a day of training.
const SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];

const DURATION = 'flowyml_step_duration_seconds';
const WAIT = 'flowyml_step_queue_wait_seconds';

/** How Temporal's runtime exports its own metrics and ours. */
export function metricsExporter(target: MetricsTarget, project: string): MetricsExporterConfig {
  const common = { useSecondsForDurations: true, histogramBucketOverrides: { [DURATION]: SECONDS, [WAIT]: SECONDS } };
  return {
    globalTags: { project },
    ...('bindAddress' in target
      ? { prometheus: { ...common, bindAddress: target.bindAddress } }
      : { otel: { ...common, url: target.otlpUrl, http: true, headers: target.headers, metricsExportInterval: target.everyMs } }),
  };
}

export interface WorkerMetrics {
  take(event: WorkerEvent): void;
  /** How many step processes work, and how many steps wait for one. */
  load(busy: number, size: number, waiting: number): void;
}

/** Our metrics, beside Temporal's. No label has a value for each run. */
export function workerMetrics(meter: MetricMeter): WorkerMetrics {
  const runs = meter.createCounter('flowyml_runs_total', '', 'Runs that ended, by status');
  const steps = meter.createCounter('flowyml_steps_total', '', 'Steps that ended, by status');
  const attempts = meter.createCounter('flowyml_step_attempts_total', '', 'Attempts of steps that ended, by outcome');
  const lookups = meter.createCounter(
    'flowyml_cache_lookups_total',
    '',
    'Steps that the cache answered (hit) or that had to be computed (miss)',
  );
  const duration = meter.createHistogram(DURATION, 'float', 's', 'How long attempts of steps took');
  const wait = meter.createHistogram(WAIT, 'float', 's', 'How long attempts waited for a worker');
  const processes = meter.createGauge('flowyml_step_processes', 'int', '', 'Step processes, by state');
  const waiting = meter.createGauge('flowyml_steps_waiting', 'int', '', 'Steps on this worker that wait for a step process');
  return {
    take(event) {
      const { pipeline } = event;
      if (event.kind === 'runEnded') runs.add(1, { pipeline, status: event.status });
      else if (event.kind === 'stepEnded') steps.add(1, { pipeline, step: event.step, status: event.status });
      else if (event.kind === 'cacheAsked') lookups.add(1, { pipeline, step: event.step, result: event.hit ? 'hit' : 'miss' });
      else if (event.kind === 'attemptStarted') wait.record(event.waitedMs / 1000, { pipeline, step: event.step });
      else if (event.kind === 'attemptEnded') {
        attempts.add(1, { pipeline, step: event.step, outcome: event.outcome });
        duration.record(event.durationMs / 1000, { pipeline, step: event.step });
      }
    },
    load(busy, size, waitingSteps) {
      processes.set(busy, { state: 'busy' });
      processes.set(size - busy, { state: 'free' });
      waiting.set(waitingSteps);
    },
  };
}
