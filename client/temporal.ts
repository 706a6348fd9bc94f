import type { Client } from '@temporalio/client';
import { ServiceUnavailable } from '../pipelines/errors.ts';

/** A Temporal client and the way to close it. */
export interface TemporalClient {
  client: Client;
  close(): Promise<void>;
}

/**
 * Connects to Temporal.
 * @throws ServiceUnavailable if the server cannot be reached
 */
export async function connectTemporal({ address, namespace }: { address: string; namespace: string }): Promise<TemporalClient> {
  const { Client, Connection } = await import('@temporalio/client');
  try {
    const connection = await Connection.connect({ address, connectTimeout: '5 s' });
    return { client: new Client({ connection, namespace }), close: () => connection.close() };
  } catch (error) {
    throw new ServiceUnavailable(`Temporal at ${address} cannot be reached: run 'flowyml up', or check TEMPORAL_ADDRESS`, { cause: error });
  }
}
