import { connect } from 'node:tls';
import { ServiceUnavailable } from '../../pipelines/errors.ts';
import { reasonOf } from '../reason.ts';
import type { TemporalEndpoint } from '../types.ts';

/** How to reach and log in to a Temporal server. */
export type TemporalTarget = Pick<TemporalEndpoint, 'address' | 'namespace' | 'source' | 'tls' | 'apiKey' | 'metadata'>;

const LOOK_MS = 3_000;

/** The SDK's options for a connection: the same for a client and a worker. */
export const connectionOptions = ({ address, tls, apiKey, metadata }: TemporalTarget) => ({
  address,
  ...(tls === undefined ? {} : { tls }),
  ...(apiKey === undefined ? {} : { apiKey }),
  ...(metadata === undefined ? {} : { metadata }),
});

/** The error for a connection that failed: says why, and what to look at. The SDK itself only tells that time ran out. */
export async function connectionFailed(target: TemporalTarget, error: unknown): Promise<ServiceUnavailable> {
  const { address, source } = target;
  const reason = await reasonFor(target);
  const advice = source ? `check ${source}` : "run 'flowyml up'";
  return new ServiceUnavailable(`Temporal at ${address} ${reason ?? `cannot be reached: ${advice}`}`, { cause: error });
}

async function reasonFor(target: TemporalTarget): Promise<string | undefined> {
  const from = target.source ? ` of ${target.source}` : '';
  const handshake = target.tls ? await handshakeProblem(target) : undefined;
  if (handshake) return `cannot be talked to securely (${handshake}): check TLS, its certificates and server name,${from}`;
  const login = await loginProblem(target);
  if (login) return `refuses this login (${login}): check the API key or client certificate, and the namespace,${from}`;
  if (!target.tls && (await speaksTls(target))) return `wants TLS: turn it on in the settings${from}`;
  return undefined;
}

/** Why no secure connection comes about, by trying to make one. */
function handshakeProblem({ address, tls }: TemporalTarget): Promise<string | undefined> {
  const options = typeof tls === 'object' ? tls : {};
  const pem = (bytes: Uint8Array | undefined) => (bytes ? Buffer.from(bytes) : undefined);
  return tryTls(address, {
    servername: options.serverNameOverride,
    ca: pem(options.serverRootCACertificate),
    cert: pem(options.clientCertPair?.crt),
    key: pem(options.clientCertPair?.key),
  });
}

/** One that refuses us in TLS's own words speaks it too. */
async function speaksTls({ address }: TemporalTarget): Promise<boolean> {
  const problem = await tryTls(address, { rejectUnauthorized: false });
  return problem === undefined || problem.includes('alert');
}

interface TlsTry {
  servername?: string | undefined;
  ca?: Buffer | undefined;
  cert?: Buffer | undefined;
  key?: Buffer | undefined;
  rejectUnauthorized?: boolean;
}

function tryTls(address: string, { servername, ...options }: TlsTry): Promise<string | undefined> {
  const { hostname, port } = new URL(`temporal://${address}`);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port),
      ALPNProtocols: ['h2'],
      ...(servername ? { servername } : {}),
      ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    });
    const end = (problem?: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(problem);
    };
    const timer = setTimeout(() => end('no answer'), LOOK_MS);
    socket.once('error', (error) => end(tlsReason(error)));
    socket.once('close', () => end('the server closed the connection'));
    // With TLS 1.3 a server says only after the handshake that it wants a certificate.
    socket.once('secureConnect', () => setTimeout(() => end(), 300));
  });
}

/** OpenSSL puts places in its source around the reason. */
const tlsReason = (error: Error) => /SSL routines:[^:]*:([^:]+):/.exec(error.message)?.[1] ?? reasonOf(error);

/** Why the server does not take a call; undefined where it cannot be reached at all. */
async function loginProblem(target: TemporalTarget): Promise<string | undefined> {
  const { Connection } = await import('@temporalio/client');
  try {
    // Without interceptors nothing is tried again until the time is over.
    const connection = await Connection.connect({ ...connectionOptions(target), interceptors: [], connectTimeout: LOOK_MS });
    await connection.close();
    return undefined;
  } catch (error) {
    for (let each = error; each instanceof Error; each = each.cause) {
      const { code, details } = each as { code?: unknown; details?: unknown };
      if (code === UNAUTHENTICATED || code === PERMISSION_DENIED) return String(details ?? each.message);
    }
    return undefined;
  }
}

const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;
