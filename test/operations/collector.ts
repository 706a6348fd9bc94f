import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

// An OpenTelemetry collector that keeps what it is sent: OTLP over HTTP, as protobuf.

export interface SentSpan {
  name: string;
  spanId: string;
  parentSpanId: string;
  traceId: string;
  service: string;
  error: boolean;
  attributes: Record<string, string | number | boolean>;
}

export interface Collector {
  url: string;
  spans: SentSpan[];
  metrics: Set<string>;
  /** The names of the spans from the first of a trace to this one. */
  chain(span: SentSpan | undefined): string[];
  close(): Promise<void>;
}

interface Attribute {
  key: string;
  value: { stringValue?: string; boolValue?: boolean; intValue?: { toString(): string }; doubleValue?: number };
}
interface Request {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: {
      spans: {
        name: string;
        spanId: Uint8Array;
        parentSpanId?: Uint8Array;
        traceId: Uint8Array;
        status?: { code?: number };
        attributes: Attribute[];
      }[];
    }[];
  }[];
  resourceMetrics: { scopeMetrics: { metrics: { name: string }[] }[] }[];
}
const { opentelemetry } = createRequire(import.meta.url)('@opentelemetry/otlp-transformer/build/src/generated/root');
const service = (kind: 'trace' | 'metrics') => opentelemetry.proto.collector[kind].v1;
const decode = (kind: 'trace' | 'metrics', bytes: Buffer): Request =>
  service(kind)[kind === 'trace' ? 'ExportTraceServiceRequest' : 'ExportMetricsServiceRequest'].decode(bytes);

export async function startCollector(): Promise<Collector> {
  const spans: SentSpan[] = [];
  const metrics = new Set<string>();
  const server: Server = createServer(async (request, response) => {
    const sent = await buffer(request);
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    if (request.url === '/v1/traces') spans.push(...spansOf(decode('trace', bytes)));
    else if (request.url === '/v1/metrics') {
      for (const { scopeMetrics } of decode('metrics', bytes).resourceMetrics)
        for (const { name } of scopeMetrics.flatMap((scope) => scope.metrics)) metrics.add(name);
    } else response.statusCode = 404;
    response.setHeader('content-type', 'application/x-protobuf').end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const chain = (span: SentSpan | undefined): string[] =>
    span ? [...chain(spans.find(({ spanId }) => spanId === span.parentSpanId)), span.name] : [];
  return {
    chain,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    metrics,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

function spansOf({ resourceSpans }: Request): SentSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map((span) => ({
        name: span.name,
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        traceId: hex(span.traceId),
        service: String(valuesOf(resource.attributes)['service.name']),
        error: span.status?.code === 2,
        attributes: valuesOf(span.attributes),
      })),
    ),
  );
}

function valuesOf(attributes: Attribute[]): SentSpan['attributes'] {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ??
        value.boolValue ??
        (value.intValue === undefined || value.intValue === null ? value.doubleValue : Number(value.intValue.toString())) ??
        '',
    ]),
  );
}
