import { DefaultLogger, type LogLevel, type MetricsExporterConfig, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

let installed = false;

interface RuntimeSettings {
  level?: LogLevel;
  metrics?: MetricsExporterConfig | undefined;
}

export type WorkerLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Record<string, unknown>) => void;

/**
 * Sets up Temporal's runtime, once a process: its log goes to `log`, core's too, and signals stay ours, since a worker
 * that shares its process with a command must not end at the command's Ctrl-C. Metrics are exported as `metrics` says.
 */
export function installRuntime(log: WorkerLog, { level = 'WARN', metrics }: RuntimeSettings = {}): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger(level, ({ level, message, meta }) => log(level.toLowerCase() as 'info', message, meta ?? {})),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(metrics ? { metrics } : {}),
    },
  });
}
