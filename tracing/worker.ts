import { isSpanContextValid, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { makeWorkflowExporter, OpenTelemetryActivityInboundInterceptor } from '@temporalio/interceptors-opentelemetry/lib/worker/index.js';
import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker';
import type { Tracing } from './provider.ts';

interface StepPlace {
  run: string;
  pipeline: string;
  step: string;
}

/** What a worker takes to trace workflows, activities and steps. */
export interface WorkerTracing {
  activity: ActivityInterceptorsFactory[];
  /** Where the workflow bundle with interceptors puts its spans. */
  sinks: NonNullable<WorkerOptions['sinks']>;
  steps: StepTraces;
}

/** The spans of steps, below their activity's. */
export interface StepTraces {
  attempt<T extends { status: string }>(
    place: StepPlace & { attempt: number; batch?: number },
    work: (traceparent: string | undefined) => Promise<T>,
  ): Promise<T>;
  cached(place: StepPlace): void;
}

export function tracingOfWorker({ processor, resource }: Tracing): WorkerTracing {
  return {
    activity: [(context) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(context) })],
    sinks: { exporter: makeWorkflowExporter(processor, resource) },
    steps: stepTraces,
  };
}

const tracer = () => trace.getTracer('flowyml');

const stepTraces: StepTraces = {
  attempt: (place, work) =>
    tracer().startActiveSpan(`step ${place.step}`, { attributes: { ...attributes(place, false), ...tries(place) } }, async (span) => {
      try {
        const report = await work(traceparent(span));
        span.setAttribute('flowyml.status', report.status);
        return report;
      } catch (error) {
        span.recordException(error as Error);
        span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
        throw error;
      } finally {
        span.end();
      }
    }),
  cached: (place) =>
    tracer()
      .startSpan(`step ${place.step}`, { attributes: { ...attributes(place, true), 'flowyml.status': 'cached' } })
      .end(),
};

const attributes = ({ run, pipeline, step }: StepPlace, cached: boolean) => ({
  'flowyml.run': run,
  'flowyml.pipeline': pipeline,
  'flowyml.step': step,
  'flowyml.cached': cached,
});

const tries = ({ attempt, batch }: { attempt: number; batch?: number }) => ({
  'flowyml.attempt': attempt,
  ...(batch === undefined ? {} : { 'flowyml.batch': batch }),
});

/** W3C's `version-trace-parent-flags`. */
function traceparent(span: Span): string | undefined {
  const context = span.spanContext();
  if (!isSpanContextValid(context)) return undefined;
  return `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, '0')}`;
}
