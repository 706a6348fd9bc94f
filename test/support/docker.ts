import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { until } from './project.ts';

/** A Docker server of a test's own: its data, its socket, its network; nothing of it outlives the test. */
export interface TestDocker {
  client: Docker;
  /** For `DOCKER_HOST`. */
  host: string;
  /** Ends the server with SIGKILL and leaves its containers alone, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again after `kill()`. */
  start(): Promise<void>;
  /** Ends the server and all that it started. */
  stop(): Promise<void>;
}

const REQUIRED = ['dockerd', 'containerd', 'runc', 'iptables', 'ip', 'unshare', 'nsenter', 'setpriv'];

/** Why tests with Docker cannot run here; undefined where they can. For `ctx.skip()`. */
export function dockerMissing(): string | undefined {
  if (process.platform !== 'linux') return 'a Docker server of the tests needs Linux';
  if (process.getuid?.() !== 0) return 'a Docker server of the tests needs root';
  const missing = REQUIRED.find((name) => !onPath(name));
  return missing && `${missing} is not installed (apt-get install docker.io iptables iproute2)`;
}

/** Where a program is; also looked for where the tools of the tests are put. */
export function onPath(name: string): string | undefined {
  const folders = [process.env.FLOWYML_TEST_TOOLS ?? '', ...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(existsSync);
}

/**
 * Starts a Docker server in namespaces of its own. They end with the test's process, however that ends, and take with them
 * the server, its containers and its mounts. Its network bridge and folder are removed by `stop()`, else by the next start.
 */
export async function startDocker(): Promise<TestDocker> {
  removeStale();
  const id = process.pid;
  const bridge = `fly${id}`;
  const cgroup = `flowyml-test-${id}`;
  const root = mkdtempSync(join(tmpdir(), `flowyml-docker-${id}-`));
  const socket = join(root, 'docker.sock');
  run('ip', 'link', 'add', bridge, 'type', 'bridge');
  // Of the private addresses, a part that nobody else is likely to use.
  run('ip', 'addr', 'add', `10.${200 + (id % 50)}.${Math.floor(id / 50) % 250}.1/24`, 'dev', bridge);
  run('ip', 'link', 'set', bridge, 'up');
  // The first process of the namespace has to see off those whose parents have died, as an init does.
  const init = 'while :; do sleep 1000 & wait; done';
  const unshare = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', init];
  const space = spawn('setpriv', ['--pdeathsig', 'KILL', ...unshare], { stdio: 'ignore' });
  await until(() => childOf(space.pid) !== undefined, 'the namespaces of the Docker server');
  const inside = String(childOf(space.pid));
  const client = new Docker({ socketPath: socket });
  let server: ChildProcess | undefined;
  let log = '';

  const start = async () => {
    const command = [
      '--data-root',
      join(root, 'data'),
      '--exec-root',
      join(root, 'exec'),
      '--pidfile',
      join(root, 'pid'),
      '-H',
      `unix://${socket}`,
    ];
    const network = ['--bridge', bridge, '--cgroup-parent', `/${cgroup}`];
    rmSync(join(root, 'pid'), { force: true });
    const started = spawn('nsenter', ['-t', inside, '--mount', '--pid', onPath('dockerd') as string, ...command, ...network], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk) => {
        log = `${log}${chunk}`.slice(-20_000);
      });
    }
    server = started;
    const isUp = () => {
      if (started.exitCode !== null) throw new Error(`dockerd ended\n${log}`);
      return client.ping().then(
        () => true,
        () => false,
      );
    };
    await until(isUp, 'dockerd', 60_000, () => log);
  };

  const stop = async () => {
    const ended = new Promise((resolve) => space.once('exit', resolve));
    // Containers that still run end with their namespace; a graceful end of the server would wait for each.
    process.kill(Number(inside), 'SIGKILL');
    await ended;
    await until(() => server?.exitCode !== null || server.signalCode !== null, 'the end of dockerd');
    removeNetwork(bridge);
    removeCgroup(cgroup);
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };

  await start().catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    client,
    host: `unix://${socket}`,
    start,
    stop,
    async kill() {
      const pid = childOf(server?.pid);
      if (pid === undefined) throw new Error('dockerd does not run');
      const ended = new Promise((resolve) => server?.once('exit', resolve));
      process.kill(pid, 'SIGKILL');
      await ended;
    },
  };
}

const run = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

function childOf(pid: number | undefined): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]) || undefined;
  } catch {
    return undefined;
  }
}

/** What a test that was killed could not remove: its network, control groups and folder, named by the number of its process. */
function removeStale(): void {
  const isGone = (pid: string | undefined) => pid !== undefined && !existsSync(`/proc/${pid}`);
  for (const name of readdirSync('/sys/class/net')) {
    const pid = /^fly(\d+)$/.exec(name)?.[1];
    if (!isGone(pid)) continue;
    try {
      removeNetwork(name);
      removeCgroup(`flowyml-test-${pid}`);
    } catch {
      // Another test removes it at the same moment.
    }
  }
  for (const name of readdirSync(tmpdir())) {
    if (isGone(/^flowyml-docker-(\d+)-/.exec(name)?.[1])) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function removeNetwork(bridge: string): void {
  const subnet = / inet (\S+)\/24/.exec(run('ip', 'addr', 'show', bridge))?.[1]?.replace(/\.1$/, '.0/24');
  for (const table of ['nat', 'filter']) {
    for (const rule of run('iptables', '-t', table, '-S').split('\n')) {
      const words = rule.split(' ');
      if (words[0] !== '-A' || !(words.includes(bridge) || (subnet && words.includes(subnet)))) continue;
      run('iptables', '-t', table, '-D', ...words.slice(1));
    }
  }
  run('ip', 'link', 'delete', bridge);
}

function removeCgroup(name: string): void {
  try {
    run('find', '/sys/fs/cgroup', '-depth', '-type', 'd', '-path', `*/${name}*`, '-exec', 'rmdir', '{}', '+');
  } catch {
    // Some systems keep one for a moment longer; empty, it costs nothing.
  }
}
