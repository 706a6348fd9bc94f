import { UsageError } from '../pipelines/errors.ts';
import { type HealthServer, startHealthServer } from '../workers/health-server.ts';
import { freePort } from '../workers/listen.ts';
import type { MetricsTarget } from '../workers/metrics.ts';
import { port, wholeNumber } from './options.ts';

export interface EndpointOptions {
  metricsPort?: string;
  healthPort?: string;
  bind: string;
}

/** Where others look at a worker. */
export interface Endpoints {
  health: HealthServer | undefined;
  metrics: MetricsTarget | undefined;
}

/**
 * Opens the health endpoint, and finds where metrics go: to a port, or to the collector that OpenTelemetry's variables name.
 * @throws UsageError for what is no port, or one that is taken
 */
export async function openEndpoints(options: EndpointOptions, say: (line: string) => void): Promise<Endpoints> {
  const { bind: host } = options;
  const metricsPort = port(options.metricsPort, '--metrics-port', 0);
  const healthPort = port(options.healthPort, '--health-port', 0);
  if (metricsPort && metricsPort === healthPort)
    throw new UsageError(`--metrics-port and --health-port are both ${metricsPort}: give each its own`);
  const health = healthPort === undefined ? undefined : await startHealthServer({ host, port: healthPort, option: '--health-port' });
  if (health) say(`Health: http://${shown(host)}:${health.port}/healthz and /readyz`);
  if (metricsPort === undefined) return { health, metrics: collector(process.env) };
  const free = await freePort({ host, port: metricsPort, option: '--metrics-port' });
  say(`Metrics: http://${shown(host)}:${free}/metrics`);
  return { health, metrics: { bindAddress: `${shown(host)}:${free}` } };
}

/** IPv6 in an address with a port. */
const shown = (host: string) => (host.includes(':') ? `[${host}]` : host);

/** The collector for metrics, as OpenTelemetry's standard variables name it. */
function collector(env: NodeJS.ProcessEnv): MetricsTarget | undefined {
  if (env.OTEL_SDK_DISABLED === 'true' || env.OTEL_METRICS_EXPORTER === 'none') return undefined;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url = env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT || (base && `${base.replace(/\/$/, '')}/v1/metrics`);
  if (!url) return undefined;
  const everyMs = wholeNumber(env.OTEL_METRIC_EXPORT_INTERVAL, 'OTEL_METRIC_EXPORT_INTERVAL') ?? 60_000;
  return { otlpUrl: url, headers: headers(env.OTEL_EXPORTER_OTLP_METRICS_HEADERS ?? env.OTEL_EXPORTER_OTLP_HEADERS ?? ''), everyMs };
}

/** `name=value,name=value`, values percent-encoded. */
function headers(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
    }),
  );
}
