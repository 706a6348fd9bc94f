import { setTimeout as wait } from 'node:timers/promises';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { envDetectorSync, Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';

/** A process's way to the collector. */
export interface Tracing {
  processor: SpanProcessor;
  resource: Resource;
  flush(): Promise<void>;
}

const FLUSH_MS = 3_000;
const SAY_AGAIN_MS = 60_000;
// The program has a provider already: it stays.
const TAKEN = /duplicate registration/;

/** Makes this process send its traces where OpenTelemetry's variables say, which also hold for sampling and the service's name. */
export function startTracing(): Tracing {
  sayProblems();
  const resource = new Resource({ 'service.name': 'flowyml' }).merge(envDetectorSync.detect());
  const processor = new BatchSpanProcessor(new OTLPTraceExporter());
  // A program's own provider, where it has registered one, stays.
  new NodeTracerProvider({ resource, spanProcessors: [processor] }).register();
  return {
    processor,
    resource,
    async flush() {
      const given = new AbortController();
      const late = wait(FLUSH_MS, undefined, { signal: given.signal }).catch(() => {});
      await Promise.race([processor.forceFlush().catch(() => {}), late]);
      given.abort();
    },
  };
}

/** A collector that is away is said once a minute; runs go on without it. */
function sayProblems(): void {
  let said = 0;
  const say = (message: string) => {
    if (TAKEN.test(message) || Date.now() - said < SAY_AGAIN_MS) return;
    said = Date.now();
    console.error(`traces could not be sent: ${reason(message)}`);
  };
  const nothing = () => {};
  diag.setLogger(
    { error: say, warn: nothing, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
}

/** OpenTelemetry hands errors over as JSON. */
function reason(message: string): string {
  try {
    const { message: text, code } = JSON.parse(message) as { message?: string; code?: string };
    return text || code || message;
  } catch {
    return message;
  }
}
