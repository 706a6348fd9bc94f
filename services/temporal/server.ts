import { ServiceUnavailable } from '../../pipelines/errors.ts';
import { startDetached, tail } from '../detached.ts';
import type { Places } from '../places.ts';
import { takePorts } from '../ports.ts';
import { commandLine, endProcess, findProcess, runs } from '../processes.ts';
import type { Setup } from '../setup.ts';
import type { State, TemporalState } from '../state.ts';
import type { TemporalEndpoint } from '../types.ts';
import { connectProblem } from '../wait.ts';
import { marker, portsIn, serverArguments } from './arguments.ts';
import { findTemporalBinary, type TemporalBinary, temporalCandidates } from './binary.ts';
import { databaseIsWhole, prepareDatabase } from './database.ts';
import { commandEnv, configureNamespace, NEW_DATABASE } from './namespace.ts';
import { isReady, START_MS } from './readiness.ts';

/** A stop takes 1.1 s. */
const STOP_MS = 10_000;

/** The address of a server that runs and has been ready. Quick, and changes nothing. */
export async function findTemporal(places: Places, { temporal }: State): Promise<TemporalEndpoint | undefined> {
  if (!temporal?.ready || !temporal.pid || !runs(temporal.pid, marker(places.temporalDb))) return undefined;
  return (await connectProblem('127.0.0.1', temporal.port, 1_000)) === undefined ? endpoint(temporal) : undefined;
}

/** The process of this project's server, also one that was never recorded because its starter was killed. */
export function temporalPid(places: Places, state: State): number | undefined {
  const pid = state.temporal?.pid;
  return pid && runs(pid, marker(places.temporalDb)) ? pid : findProcess(marker(places.temporalDb));
}

/** Starts the server unless it runs, and waits until it answers. */
export async function startTemporal(setup: Setup): Promise<TemporalEndpoint> {
  return (await adopt(setup)) ?? (await start(setup));
}

/** Ends the server, properly if it lets us. Whether there was one. */
export async function stopTemporal(places: Places, state: State): Promise<boolean> {
  const pid = temporalPid(places, state);
  if (pid === undefined) return false;
  await endProcess(pid, () => runs(pid, marker(places.temporalDb)), 'SIGTERM', STOP_MS);
  return true;
}

/** Two servers on one file would spoil it: one that runs already is taken over, or ended if it does not answer. */
async function adopt(setup: Setup): Promise<TemporalEndpoint | undefined> {
  const { places, state } = setup;
  const pid = temporalPid(places, state);
  if (pid === undefined) return undefined;
  const ports = portsIn(commandLine(pid) ?? '');
  const gone = () => !runs(pid, marker(places.temporalDb));
  if (ports && (await isReady(ports.uiPort, gone))) return settle(setup, { pid, ...ports });
  await stopTemporal(places, state);
  return undefined;
}

async function start(setup: Setup): Promise<TemporalEndpoint> {
  const { places, ports: asked, env, say } = setup;
  const binary = await findTemporalBinary(env, temporalCandidates(env, say));
  const onePartition = prepareDatabase(places.temporalDb) || setup.state.temporal?.onePartition === true;
  say('Starting Temporal');
  for (let attempt = 1; ; attempt++) {
    const kept = setup.state.temporal;
    const wishes = [
      { service: 'Temporal', asked: asked.temporal, kept: kept?.port },
      { service: 'Temporal Web', asked: asked.ui, kept: kept?.uiPort },
    ];
    const { ports: taken, release } = await takePorts(wishes, say);
    try {
      const [port = 0, uiPort = 0] = taken;
      const args = serverArguments(places.temporalDb, port, uiPort, onePartition);
      const server = await startDetached(binary.path, args, places.temporalLog, { cwd: places.home, env: commandEnv(env) });
      setup.record((state) => {
        state.temporal = { ...kept, port, uiPort, pid: server.pid, ready: false, onePartition };
      });
      if (await isReady(uiPort, () => server.ended() !== undefined)) return await settle(setup, { port, uiPort, pid: server.pid }, binary);
      const why = server.ended() ?? `no answer within ${START_MS / 1000} s`;
      await stopTemporal(places, setup.state);
      // The server also takes ports of its own choosing, which another process may snatch: the next attempt has others.
      if (attempt < 3 && /address already in use|can't set/.test(server.log())) continue;
      throw new ServiceUnavailable(
        `Temporal did not start (${why}). It was ${binary.path}, version ${binary.version}; the end of ${places.temporalLog}:\n${tail(server.log())}`,
      );
    } finally {
      await release();
    }
  }
}

async function settle(
  setup: Setup,
  running: { port: number; uiPort: number; pid: number },
  binary?: TemporalBinary,
): Promise<TemporalEndpoint> {
  const isNew = databaseIsWhole(setup.places.temporalDb);
  const done = { ...setup.state.temporal, ...(isNew ? NEW_DATABASE : {}), ...running };
  const temporal = { ...(await configureNamespace(setup, done, binary)), ready: true };
  setup.record((state) => {
    state.temporal = temporal;
  });
  return endpoint(temporal);
}

const endpoint = ({ port, uiPort }: TemporalState): TemporalEndpoint => ({
  address: `127.0.0.1:${port}`,
  namespace: 'default',
  ui: `http://127.0.0.1:${uiPort}`,
  embedded: true,
});
