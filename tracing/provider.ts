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
  const say = sayer();
  const nothing = () => {};
  const logger = { error: say, warn: nothing, info: nothing, debug: nothing, verbose: nothing };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  const resource = new Resource({ 'service.name': 'flowyml' }).merge(envDetectorSync.detect());
  const processor = new BatchSpanProcessor(new OTLPTraceExporter());
  new NodeTracerProvider({ resource, spanProcessors: [processor] }).register();
  return {
    processor,
    resource,
    async flush() {
      const over = new AbortController();
      const late = wait(FLUSH_MS, undefined, { signal: over.signal }).then(
        () => say(`no answer within ${FLUSH_MS / 1000} s`),
        () => {},
      );
      await Promise.race([processor.forceFlush().catch((error: Error) => say(error.message)), late]);
      over.abort();
    },
  };
}

/** A collector that is away is said once a minute; runs go on without it. */
function sayer(): (message: string) => void {
  let said = 0;
  return (message) => {
    if (TAKEN.test(message) || Date.now() - said < SAY_AGAIN_MS) return;
    said = Date.now();
    console.error(`traces could not be sent: ${reason(message)}`);
  };
}

/** OpenTelemetry hands most errors over as JSON. */
function reason(message: string): string {
  try {
    const { message: text, code } = JSON.parse(message) as { message?: string; code?: string };
    return text || code || message;
  } catch {
    return message;
  }
}
