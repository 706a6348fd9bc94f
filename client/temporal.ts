import type { Client, Connection } from '@temporalio/client';
import { connectionFailed, connectionOptions, type TemporalTarget } from '../services/index.ts';

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
export async function connectTemporal(target: TemporalTarget): Promise<TemporalClient> {
  const { Client, Connection } = await import('@temporalio/client');
  try {
    const connection = await Connection.connect({ ...connectionOptions(target), connectTimeout: '5 s' });
    return { connection, client: new Client({ connection, namespace: target.namespace }), close: () => connection.close() };
  } catch (error) {
    throw await connectionFailed(target, error);
  }
}
