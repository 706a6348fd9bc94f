import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../pipelines/errors.ts';
import { dockerConfigFolder, readDockerConfig } from '../registries/docker-config.ts';

/** Where Docker listens, and who said so. */
export interface DockerHost {
  /** `unix:///…`, `tcp://…`, `ssh://…`, `npipe://…` */
  address: string;
  /** For messages: `DOCKER_HOST`, a context's name, or the socket that was found. */
  from: string;
  /** The folder of ca.pem, cert.pem and key.pem. */
  tls?: string;
}

/** Sockets that Docker Desktop, Colima, Rancher Desktop, OrbStack and rootless Docker make, in the order they are looked for. */
const sockets = (home: string) => [
  '/var/run/docker.sock',
  join(home, '.docker/run/docker.sock'),
  join(home, '.colima/default/docker.sock'),
  join(home, '.rd/docker.sock'),
  join(home, '.orbstack/run/docker.sock'),
  ...(process.env.XDG_RUNTIME_DIR ? [join(process.env.XDG_RUNTIME_DIR, 'docker.sock')] : []),
];

/**
 * Where Docker is, by Docker's own rules: `DOCKER_HOST`, else the context of `DOCKER_CONTEXT` or of Docker's settings,
 * else the first socket that is there.
 * @throws UsageError for a context that does not exist
 */
export function dockerHost(): DockerHost {
  const { DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CERT_PATH } = process.env;
  if (DOCKER_HOST) return { address: DOCKER_HOST, from: 'DOCKER_HOST', ...(DOCKER_CERT_PATH ? { tls: DOCKER_CERT_PATH } : {}) };
  const context = DOCKER_CONTEXT || readDockerConfig().currentContext;
  if (context && context !== 'default')
    return hostOfContext(context, DOCKER_CONTEXT ? 'DOCKER_CONTEXT' : join(dockerConfigFolder(), 'config.json'));
  if (process.platform === 'win32') return { address: 'npipe:////./pipe/docker_engine', from: 'the default pipe' };
  const all = sockets(homedir());
  const socket = all.find(existsSync) ?? (all[0] as string);
  return { address: `unix://${socket}`, from: 'the default socket' };
}

/** Docker keeps a context in a folder named by the hash of its name. */
function hostOfContext(name: string, said: string): DockerHost {
  const id = createHash('sha256').update(name).digest('hex');
  const folder = dockerConfigFolder();
  const file = join(folder, 'contexts/meta', id, 'meta.json');
  if (!existsSync(file)) throw new UsageError(`${said}: Docker has no context '${name}'; 'docker context ls' lists those that are there`);
  const { Endpoints } = JSON.parse(readFileSync(file, 'utf8')) as { Endpoints?: { docker?: { Host?: string } } };
  const tls = join(folder, 'contexts/tls', id, 'docker');
  const address = Endpoints?.docker?.Host;
  if (!address) throw new UsageError(`${file}: context '${name}' names no host`);
  return { address, from: `context '${name}'`, ...(existsSync(tls) ? { tls } : {}) };
}
