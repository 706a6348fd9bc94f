import { context, propagation, type TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client/index.js';

/** Traces what a client asks of runs, with the program's own provider or the one of this process. */
export function clientInterceptors(own?: TracerProvider): WorkflowClientInterceptor[] {
  if (!own) return [new OpenTelemetryWorkflowClientInterceptor()];
  // A provider that was made but not registered has neither, and the trace would end at the client; those that are there stay.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return [new OpenTelemetryWorkflowClientInterceptor({ tracer: own.getTracer('flowyml') })];
}
