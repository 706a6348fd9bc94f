import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { onPath } from './docker.ts';
import { until } from './project.ts';

/** A registry of a test's own. */
export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  host: string;
  /** What it was asked for: `GET /v2/…`, one a line. */
  requests(): string[];
  stop(): Promise<void>;
}

/** Whom a registry lets in: `flowyml` with the password `secret`, as bcrypt. */
export const USER = { username: 'flowyml', password: 'secret' };
const HTPASSWD = 'flowyml:$2b$04$cYKx/fh6LTSU8u0QYrHC0uh45fOq/UsWCNVUF8vhdDUcRFNIYe2pC\n';

/** Why tests with a registry cannot run here; undefined where they can. */
export const registryMissing = () =>
  onPath('registry')
    ? undefined
    : 'the program registry is in no folder of FLOWYML_TEST_TOOLS (go install github.com/distribution/distribution/v3/cmd/registry)';

/** Whose tokens a registry trusts. */
export interface TokenService {
  realm: string;
  service: string;
  issuer: string;
  /** A file with its public keys. */
  jwks: string;
}

/** @param auth whether it wants `USER`'s password, or a token instead */
export async function startRegistry({ auth = false, token }: { auth?: boolean; token?: TokenService } = {}): Promise<TestRegistry> {
  const root = mkdtempSync(join(tmpdir(), 'flowyml-registry-'));
  const port = await getPort();
  mkdirSync(join(root, 'data'));
  writeFileSync(join(root, 'htpasswd'), HTPASSWD);
  const config = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(root, 'data') } },
    http: { addr: `127.0.0.1:${port}` },
    ...(token ? { auth: { token } } : {}),
    ...(auth ? { auth: { htpasswd: { realm: 'tests', path: join(root, 'htpasswd') } } } : {}),
  };
  // JSON is YAML.
  writeFileSync(join(root, 'config.yml'), JSON.stringify(config));
  const serve = [onPath('registry') as string, 'serve', join(root, 'config.yml')];
  // Ends with the test's process, however that ends.
  const [command = '', ...args] = onPath('setpriv') ? ['setpriv', '--pdeathsig', 'KILL', ...serve] : serve;
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH } });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      log += chunk;
    });
  }
  const isUp = () => {
    if (child.exitCode !== null) throw new Error(`the registry ended\n${log}`);
    return fetch(`http://127.0.0.1:${port}/v2/`).then(
      () => true,
      () => false,
    );
  };
  await until(isUp, 'the registry', 30_000, () => log);
  return {
    host: `127.0.0.1:${port}`,
    requests: () => [...log.matchAll(/"((?:HEAD|GET|PUT|POST|PATCH|DELETE) \/v2\/\S*)/g)].map(([, line]) => line as string),
    async stop() {
      if (child.exitCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}
