import type { Client, Connection } from '@temporalio/client';
import { connectionFailed, connectionOptions, type TemporalTarget } from '../services/index.ts';
import { clientTracing, flushTraces, type TracerProvider } from '../tracing/index.ts';

/** A Temporal client and the way to close it. */
export interface TemporalClient {
  client: Client;
  connection: Connection;
  close(): Promise<void>;
}

/**
 * Connects to Temporal.
 * @throws ServiceUnavailable if the server cannot be reached
 */
export async function connectTemporal(target: TemporalTarget, tracerProvider?: TracerProvider): Promise<TemporalClient> {
  const [{ Client, Connection }, workflow] = await Promise.all([import('@temporalio/client'), clientTracing(tracerProvider)]);
  try {
    const connection = await Connection.connect({ ...connectionOptions(target), connectTimeout: '5 s' });
    return {
      connection,
      client: new Client({ connection, namespace: target.namespace, interceptors: { workflow } }),
      async close() {
        await Promise.all([connection.close(), flushTraces()]);
      },
    };
  } catch (error) {
    throw await connectionFailed(target, error);
  }
}
