import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import type { TemporalEndpoint } from '../types.ts';
import { connectProblem } from '../wait.ts';

const REACH_MS = 5_000;
// Where the `temporal` command looks, when a profile says no address.
const USUAL_ADDRESS = 'localhost:7233';

/**
 * The server that the `temporal` command would talk to by what it is told: TEMPORAL_ADDRESS and the other variables, or a
 * profile of Temporal's configuration file. Undefined where neither says anything.
 * @throws UsageError for an address, a profile or a certificate that cannot be used
 */
export async function externalTemporal(env: NodeJS.ProcessEnv): Promise<TemporalEndpoint | undefined> {
  const file = configurationFile(env);
  if (!env.TEMPORAL_ADDRESS && !env.TEMPORAL_PROFILE && !(file && existsSync(file))) return undefined;
  const { loadClientConfigProfile, toClientOptions } = await import('@temporalio/envconfig');
  const name = env.TEMPORAL_PROFILE || 'default';
  const source = env.TEMPORAL_ADDRESS ? 'TEMPORAL_ADDRESS' : `profile '${name}' of ${file}`;
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars: stated(env), configSource: { data: profiles(file) } });
    const address = profile.address ?? (env.TEMPORAL_PROFILE ? USUAL_ADDRESS : undefined);
    if (address === undefined) return undefined;
    const { connectionOptions, namespace } = toClientOptions(profile);
    const { tls, apiKey, metadata } = connectionOptions;
    return {
      address: withPort(address, source),
      namespace: namespace ?? 'default',
      embedded: false,
      source,
      ...(tls ? { tls } : {}),
      ...(typeof apiKey === 'string' ? { apiKey } : {}),
      ...(metadata ? { metadata: metadata as Record<string, string> } : {}),
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const where = env.TEMPORAL_PROFILE ? `TEMPORAL_PROFILE (${env.TEMPORAL_PROFILE})` : 'Temporal';
    throw new UsageError(`The settings of ${where}, from the environment and ${file ?? 'no file'}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Where the `temporal` command has its profiles. */
function configurationFile(env: NodeJS.ProcessEnv): string | undefined {
  if (env.TEMPORAL_CONFIG_FILE !== undefined) return env.TEMPORAL_CONFIG_FILE || undefined;
  const home = env.HOME || homedir();
  const folder =
    process.platform === 'darwin' ? join(home, 'Library', 'Application Support') : env.XDG_CONFIG_HOME || join(home, '.config');
  return join(folder, 'temporalio', 'temporal.toml');
}

/** The file's text; the SDK's reader fails on one without any profile. */
function profiles(file: string | undefined): string {
  const text = file && existsSync(file) ? readFileSync(file, 'utf8') : '';
  return /^\s*\[\s*profile/m.test(text) ? text : `${text}\n[profile]\n`;
}

/** Variables that are set to nothing say nothing. */
function stated(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1]) || entry[0].startsWith('TEMPORAL_GRPC_META_')),
  );
}

/** Whether something listens there; how to log in to it (TLS, keys) is the client's matter. */
export async function isTemporalReachable({ address }: TemporalEndpoint, timeoutMs = 1_000): Promise<boolean> {
  return (await connectProblem(...split(address), timeoutMs)) === undefined;
}

/** Throws unless the server can be reached within 5 s. */
export async function checkTemporal(endpoint: TemporalEndpoint): Promise<TemporalEndpoint> {
  const problem = await connectProblem(...split(endpoint.address), REACH_MS);
  if (problem === undefined) return endpoint;
  const { address, source = 'TEMPORAL_ADDRESS' } = endpoint;
  throw new ServiceUnavailable(
    `Cannot reach the Temporal server at ${address}, named by ${source} (${problem}): start it, correct the address, or ` +
      (source === 'TEMPORAL_ADDRESS'
        ? 'unset TEMPORAL_ADDRESS so that flowyml starts a server of its own.'
        : 'choose another profile (TEMPORAL_PROFILE), or none: with TEMPORAL_CONFIG_FILE=/dev/null flowyml starts a server of its own.'),
  );
}

function withPort(address: string, source: string): string {
  const { hostname, port, valid } = parse(address);
  if (valid) return `${hostname}:${port || '7233'}`;
  const said = source === 'TEMPORAL_ADDRESS' ? 'TEMPORAL_ADDRESS is' : `The address in ${source} is`;
  throw new UsageError(`${said} ${JSON.stringify(address)}: expected host:port, such as localhost:7233.`);
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
