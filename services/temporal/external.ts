import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import type { TemporalEndpoint } from '../types.ts';
import { connectProblem } from '../wait.ts';

const REACH_MS = 5_000;

/** The server that TEMPORAL_ADDRESS names, if it is set. */
export function externalTemporal(env: NodeJS.ProcessEnv): TemporalEndpoint | undefined {
  const address = env.TEMPORAL_ADDRESS;
  if (!address) return undefined;
  return { address: withPort(address), namespace: env.TEMPORAL_NAMESPACE || 'default', embedded: false };
}

/** Whether something listens there; how to log in to it (TLS, keys) is the client's matter. */
export async function isTemporalReachable({ address }: TemporalEndpoint, timeoutMs = 1_000): Promise<boolean> {
  return (await connectProblem(...split(address), timeoutMs)) === undefined;
}

/** Throws unless the server can be reached within 5 s. */
export async function checkTemporal(endpoint: TemporalEndpoint): Promise<TemporalEndpoint> {
  const problem = await connectProblem(...split(endpoint.address), REACH_MS);
  if (problem === undefined) return endpoint;
  throw new ServiceUnavailable(
    `Cannot reach the Temporal server at ${endpoint.address}, named by TEMPORAL_ADDRESS (${problem}): ` +
      'start it, correct the address, or unset TEMPORAL_ADDRESS so that flowyml starts a server of its own.',
  );
}

function withPort(address: string): string {
  const { hostname, port, valid } = parse(address);
  if (valid) return `${hostname}:${port || '7233'}`;
  throw new UsageError(`TEMPORAL_ADDRESS is ${JSON.stringify(address)}: expected host:port, such as localhost:7233.`);
}

function split(address: string): [host: string, port: number] {
  const { hostname, port } = parse(address);
  return [hostname.replace(/^\[(.*)\]$/, '$1'), Number(port)];
}

function parse(address: string): { hostname: string; port: string; valid: boolean } {
  // Not http, whose default port 80 a URL drops.
  const url = URL.canParse(`temporal://${address}`) ? new URL(`temporal://${address}`) : undefined;
  const valid = url !== undefined && url.hostname !== '' && `${url.pathname}${url.search}${url.hash}${url.username}` === '';
  return { hostname: url?.hostname ?? '', port: url?.port ?? '', valid };
}
