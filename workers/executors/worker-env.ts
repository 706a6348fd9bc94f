import { databaseEnv } from '../../metadata/index.ts';
import type { StackSpec } from '../../pipelines/stack-spec.ts';
import type { TemporalTarget } from '../../services/temporal/connection.ts';
import { variablesOf } from '../../stacks/variables.ts';

// What the clients of clouds and Temporal read, beside files.
const PASSED = /^(AWS_|AZURE_|GOOGLE_|GCLOUD_|CLOUDSDK_|OTEL_|TEMPORAL_TLS_|FLOWYML_S3_)/;

/** The variables of a worker that is started elsewhere: where the services are, how to log in, and what its stacks name. */
export function workerEnv(temporal: TemporalTarget, databaseUrl: string, stacks: Iterable<StackSpec>): Record<string, string> {
  const named = [...stacks].flatMap((stack) => variablesOf(stack).map(({ name }) => name));
  const passed = Object.entries(process.env).filter(([name, value]) => value !== undefined && (PASSED.test(name) || named.includes(name)));
  return {
    ...(Object.fromEntries(passed) as Record<string, string>),
    ...temporalEnv(temporal),
    ...databaseEnv(databaseUrl),
  };
}

function temporalEnv({ address, namespace, tls, apiKey }: TemporalTarget): Record<string, string> {
  const options = typeof tls === 'object' ? tls : {};
  const pem = (name: string, bytes: Uint8Array | undefined) => (bytes ? { [name]: Buffer.from(bytes).toString('utf8') } : {});
  return {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    // A file of settings that the image may have is not meant.
    TEMPORAL_CONFIG_FILE: '/dev/null',
    ...(tls ? { TEMPORAL_TLS: 'true' } : {}),
    ...(options.serverNameOverride ? { TEMPORAL_TLS_SERVER_NAME: options.serverNameOverride } : {}),
    ...pem('TEMPORAL_TLS_SERVER_CA_CERT_DATA', options.serverRootCACertificate),
    ...pem('TEMPORAL_TLS_CLIENT_CERT_DATA', options.clientCertPair?.crt),
    ...pem('TEMPORAL_TLS_CLIENT_KEY_DATA', options.clientCertPair?.key),
    ...(apiKey ? { TEMPORAL_API_KEY: apiKey } : {}),
  };
}
