import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../pipelines/errors.ts';
import type { Credentials } from './credentials.ts';
import { DOCKER_HUB } from './reference.ts';

/** What we read of Docker's own settings, `~/.docker/config.json`. */
export interface DockerConfigFile {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string } | undefined>;
  credHelpers?: Record<string, string | undefined>;
  credsStore?: string;
  currentContext?: string;
}

/** Under which Docker Hub's credentials are kept. */
const HUB_KEY = 'https://index.docker.io/v1/';
const HELPER_TIMEOUT_MS = 30_000;

/** The folder of Docker's settings: `DOCKER_CONFIG`, else `~/.docker`. */
export const dockerConfigFolder = () => process.env.DOCKER_CONFIG || join(homedir(), '.docker');

/** Empty where there is no such file. @throws UsageError where it cannot be read */
export function readDockerConfig(): DockerConfigFile {
  const file = join(dockerConfigFolder(), 'config.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DockerConfigFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new UsageError(`${file}, the settings of Docker, cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * What `docker login` or a credential helper keeps for a host.
 * @throws UsageError where the helper that the file names fails
 */
export async function credentialsOfDocker(host: string): Promise<Credentials | undefined> {
  const config = readDockerConfig();
  const keys =
    host === DOCKER_HUB
      ? [HUB_KEY, 'index.docker.io', DOCKER_HUB, 'registry-1.docker.io']
      : [host, `https://${host}`, `https://${host}/v1/`];
  for (const key of keys) {
    const helper = config.credHelpers?.[key] ?? config.credsStore;
    const found = (helper && (await askHelper(helper, key))) || kept(config.auths?.[key]);
    if (found) return found;
  }
  return undefined;
}

function kept(entry: NonNullable<DockerConfigFile['auths']>[string]): Credentials | undefined {
  if (!entry) return undefined;
  const [username = '', ...rest] = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  if (entry.identitytoken) return { username: entry.username ?? username, identityToken: entry.identitytoken };
  if (username) return { username, password: rest.join(':').replace(/\0+$/, '') };
  return entry.username && entry.password ? { username: entry.username, password: entry.password } : undefined;
}

/** Speaks the protocol of Docker's credential helpers: the host on stdin, JSON on stdout. */
async function askHelper(helper: string, key: string): Promise<Credentials | undefined> {
  const command = `docker-credential-${helper}`;
  const said = join(dockerConfigFolder(), 'config.json');
  const { code, output } = await run(command, key).catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'ENOENT' ? 'is not on the PATH: install it, or take it out of that file' : `cannot be started: ${error.message}`;
    throw new UsageError(`${said} says that ${command} keeps the credentials of ${key}, which ${why}`, { cause: error });
  });
  if (code !== 0) {
    if (/credentials not found|no credentials/i.test(output)) return undefined;
    throw new UsageError(`${command}, named in ${said}, failed for ${key}: ${output.trim() || `exit code ${code}`}`);
  }
  const { Username = '', Secret = '' } = JSON.parse(output) as { Username?: string; Secret?: string };
  if (!Secret) return undefined;
  return Username === '<token>' ? { username: Username, identityToken: Secret } : { username: Username, password: Secret };
}

function run(command: string, input: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, ['get'], { stdio: ['pipe', 'pipe', 'pipe'], timeout: HELPER_TIMEOUT_MS });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: code === 0 ? output : output + errors }));
    // A helper that ends without reading is told by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${input}\n`);
  });
}
