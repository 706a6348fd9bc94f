import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import { type DockerHost, dockerHost } from './docker-host.ts';

/** Reached, and of what kind. */
export interface DockerServer {
  client: Docker;
  host: DockerHost;
  /** Such as `28.2.2`. */
  version: string;
  /** `linux/amd64` */
  platform: string;
}

/**
 * A client of the Docker server that this machine's settings name; asks it for its version.
 * @throws ServiceUnavailable where none answers, UsageError where we may not or cannot use it, each with what to do
 */
export async function docker(host: DockerHost = dockerHost()): Promise<DockerServer> {
  const { default: Client } = await import('dockerode');
  const client = new Client(options(host));
  try {
    const { Version, Os, Arch } = await client.version();
    if (Os !== 'linux') throw new UsageError(`Docker at ${host.address} runs ${Os} containers: switch it to Linux containers`);
    return { client, host, version: Version, platform: `${Os}/${Arch}` };
  } catch (error) {
    throw dockerProblem(error, host);
  }
}

/** What a failed call of Docker means; errors that are no question of reaching it come back as they are. */
export function dockerProblem(error: unknown, { address, from }: DockerHost): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = `${address} (${from})`;
  if (code === 'EACCES' || code === 'EPERM') {
    return new UsageError(
      `you may not use Docker at ${where}: permission denied. Run 'sudo usermod -aG docker $USER', log out and in again; or use rootless Docker`,
      { cause: error },
    );
  }
  if (code && UNREACHABLE.has(code)) {
    return new ServiceUnavailable(
      `Docker is not running: nothing answers at ${where}. Start Docker Desktop, or 'sudo systemctl start docker', or set DOCKER_HOST`,
      { cause: error },
    );
  }
  if (code?.startsWith('ERR_TLS') || code?.startsWith('ERR_SSL') || /certificate/i.test(message ?? '')) {
    return new UsageError(
      `Docker at ${where} does not accept this connection: ${message}. Set DOCKER_CERT_PATH to the folder of its certificates`,
      { cause: error },
    );
  }
  return error;
}

const UNREACHABLE = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ETIMEDOUT', 'ECONNRESET', 'EAI_AGAIN', 'ENOTSOCK']);

function options({ address, from, tls }: DockerHost): Docker.DockerOptions {
  // dockerode also reads DOCKER_HOST: everything is said, so that a context wins where it should.
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(address)?.[1];
  if (socket) return { socketPath: socket };
  const text = address.includes('://') ? address : `tcp://${address}`;
  if (!URL.canParse(text))
    throw new UsageError(`${from}: '${address}' is no address of Docker: write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST`);
  const url = new URL(text);
  if (url.protocol === 'ssh:') {
    const ssh = {
      protocol: 'ssh' as const,
      host: url.hostname,
      port: Number(url.port || 22),
      sshOptions: { agent: process.env.SSH_AUTH_SOCK },
    };
    return { ...ssh, ...(url.username ? { username: url.username } : {}) };
  }
  const secure = tls !== undefined || url.protocol === 'https:' || process.env.DOCKER_TLS_VERIFY === '1';
  const pem = (name: string) => readFileSync(join(tls as string, name));
  return {
    protocol: secure ? 'https' : 'http',
    host: url.hostname,
    port: Number(url.port || (secure ? 2376 : 2375)),
    ...(tls === undefined ? {} : { ca: pem('ca.pem'), cert: pem('cert.pem'), key: pem('key.pem') }),
  };
}
