import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceUnavailable } from '../../pipelines/errors.ts';
import { type Detached, startDetached, tail } from '../detached.ts';
import type { Places } from '../places.ts';
import { takePorts } from '../ports.ts';
import { endProcess, runs } from '../processes.ts';
import type { Setup } from '../setup.ts';
import type { PostgresEndpoint } from '../types.ts';
import { until } from '../wait.ts';
import { postgresBinaries } from './binaries.ts';
import { ensureCluster, NAME, passwordOf } from './cluster.ts';
import { findPostmaster, forgetReusedPid, marker, type Postmaster } from './postmaster.ts';
import { userPrefix } from './user.ts';

/** A start takes 0.1 s; after a crash, as long as the changes since the last checkpoint take to be made again. */
const READY_MS = 5 * 60_000;
/** A fast shutdown ends all sessions and takes one checkpoint. */
const STOP_MS = 30_000;
/** For this long after a kill -9 processes of the old server may hold its memory, and a new one refuses to start. */
const REFUSALS_MS = 5_000;

/** The server on the project's data folder, if it takes connections. Quick, and changes nothing. */
export function findPostgres(places: Places): PostgresEndpoint | undefined {
  const found = findPostmaster(places.postgresDir);
  return found?.ready ? endpoint(places, found) : undefined;
}

/** Starts the server unless it runs, and waits until it takes connections. */
export async function startPostgres(setup: Setup): Promise<PostgresEndpoint> {
  const { places, env, say } = setup;
  const dataDir = places.postgresDir;
  const running = await whenReady(dataDir, () => findPostmaster(dataDir) === undefined, say);
  if (running) return settle(setup, running);

  const binaries = postgresBinaries(join(places.home, 'postgres-lib'), env);
  const prefix = await userPrefix();
  await ensureCluster(dataDir, binaries, prefix, say);
  forgetReusedPid(dataDir);
  say('Starting PostgreSQL');
  const begin = Date.now();
  for (;;) {
    const kept = setup.state.postgres[dataDir]?.port;
    const { ports, release } = await takePorts([{ service: 'PostgreSQL', asked: setup.ports.postgres, kept }], say);
    try {
      const [command = '', ...args] = [...prefix, binaries.postgres, ...serverArguments(dataDir, ports[0])];
      const server = await startDetached(command, args, places.postgresLog, { cwd: places.home, env: binaries.env });
      const ready = await whenReady(dataDir, () => server.ended() !== undefined, say);
      if (ready) return settle(setup, ready);
      await endProcess(server.pid, () => runs(server.pid, marker(dataDir)), 'SIGINT', STOP_MS);
      if (!mayTryAgain(server, Date.now() - begin)) throw failure(places, server);
      await sleep(200);
    } finally {
      await release();
    }
  }
}

/** Ends the server on a data folder. Whether there was one. */
export async function stopPostgres(dataDir: string): Promise<boolean> {
  const found = findPostmaster(dataDir);
  if (!found) return false;
  // SIGINT is PostgreSQL's fast shutdown: sessions end, data is written.
  await endProcess(found.pid, () => runs(found.pid, marker(dataDir)), 'SIGINT', STOP_MS);
  return true;
}

/** On the loopback only, and without a Unix socket, whose path may be too long. What makes data safe stays as it is. */
function serverArguments(dataDir: string, port = 0): string[] {
  return ['-D', dataDir, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
}

async function whenReady(dataDir: string, gone: () => boolean, say: (line: string) => void): Promise<Postmaster | undefined> {
  const notice = setTimeout(() => say('PostgreSQL is starting up, which takes longer after a crash: waiting for it'), 2_000);
  const state = await until(() => {
    const found = findPostmaster(dataDir);
    return found?.ready ? found : gone() ? 'gone' : undefined;
  }, READY_MS);
  clearTimeout(notice);
  return state === 'gone' ? undefined : state;
}

function mayTryAgain(server: Detached, elapsedMs: number): boolean {
  const log = server.log();
  const heldByOldServer = /lock file "postmaster.pid" already exists|pre-existing shared memory block/.test(log);
  return (heldByOldServer && elapsedMs < REFUSALS_MS) || (/could not create any TCP\/IP sockets/.test(log) && elapsedMs < REFUSALS_MS);
}

function failure(places: Places, server: Detached): ServiceUnavailable {
  const why = server.ended() ?? `not ready within ${READY_MS / 60_000} minutes`;
  return new ServiceUnavailable(
    `PostgreSQL did not start on ${places.postgresDir} (${why}); the end of ${places.postgresLog}:\n${tail(server.log())}`,
  );
}

function settle(setup: Setup, { port }: Postmaster): PostgresEndpoint {
  setup.record((state) => {
    state.postgres[setup.places.postgresDir] = { port };
  });
  return endpoint(setup.places, { port });
}

function endpoint({ postgresDir }: Places, { port }: Pick<Postmaster, 'port'>): PostgresEndpoint {
  return { url: `postgres://${NAME}:${passwordOf(postgresDir)}@127.0.0.1:${port}/${NAME}`, embedded: true };
}
