import type { TracerProvider } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { UsageError } from '../pipelines/errors.ts';
import type { Tracing } from './provider.ts';
import type { WorkerTracing } from './worker.ts';

export type { TracerProvider, WorkerTracing };

// OpenTelemetry is loaded where traces are made and nowhere else: it is a third of what a worker loads.

let started: Promise<Tracing> | undefined;

/**
 * Whether OpenTelemetry's standard variables ask for traces.
 * @throws UsageError where they ask for what is not there
 */
export function wantsTraces(env: NodeJS.ProcessEnv = process.env): boolean {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint || env.OTEL_SDK_DISABLED === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return false;
  const [name, protocol] = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL
    ? ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL]
    : ['OTEL_EXPORTER_OTLP_PROTOCOL', env.OTEL_EXPORTER_OTLP_PROTOCOL];
  if (protocol && protocol !== 'http/protobuf')
    throw new UsageError(
      `${name} is '${protocol}': traces are sent as http/protobuf only; name the collector's HTTP endpoint (port 4318) and leave ${name} out, or turn traces off with OTEL_TRACES_EXPORTER=none`,
    );
  if (!URL.canParse(endpoint))
    throw new UsageError(`the OTLP endpoint '${endpoint}' is no URL: expected one such as http://127.0.0.1:4318`);
  return true;
}

/** What a Temporal client takes to trace the starts of runs; nothing where no traces are asked for. */
export async function clientTracing(own?: TracerProvider): Promise<WorkflowClientInterceptor[]> {
  if (!own && !wantsTraces()) return [];
  const { clientInterceptors } = await import('./client.ts');
  if (!own) await start();
  return clientInterceptors(own);
}

/** What a worker takes to trace runs and steps; undefined where no traces are asked for. */
export async function workerTracing(): Promise<WorkerTracing | undefined> {
  if (!wantsTraces()) return undefined;
  const [{ tracingOfWorker }, tracing] = await Promise.all([import('./worker.ts'), start()]);
  return tracingOfWorker(tracing);
}

/** Sends what has been traced so far; a collector that does not answer is not waited for longer than some seconds. */
export async function flushTraces(): Promise<void> {
  await (await started)?.flush();
}

function start(): Promise<Tracing> {
  started ??= import('./provider.ts').then(({ startTracing }) => startTracing());
  return started;
}
