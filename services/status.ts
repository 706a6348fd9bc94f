import { placesOf } from './places.ts';
import { externalPostgres, postgresProblem, withoutPassword } from './postgres/external.ts';
import { findPostmaster } from './postgres/postmaster.ts';
import { findPostgres } from './postgres/server.ts';
import { readState } from './state.ts';
import { externalTemporal, isTemporalReachable } from './temporal/external.ts';
import { findTemporal } from './temporal/server.ts';
import type { FindOptions } from './types.ts';
import { type BackgroundWorker, backgroundWorkers } from './workers.ts';

export interface ServicesStatus {
  temporal: {
    address?: string;
    ui?: string;
    running: boolean;
    pid?: number;
    embedded: boolean;
    /** Of a server that is not ours: its namespace, and what names it. */
    namespace?: string;
    source?: string;
  };
  /** The URL holds the password of an embedded server, but `***` in place of that of another. */
  postgres: { url?: string; running: boolean; pid?: number; embedded: boolean; source?: string };
  workers: BackgroundWorker[];
}

/** What of a project runs, and where. Of what does not run, only `running` and `embedded`. */
export async function servicesStatus(options: FindOptions): Promise<ServicesStatus> {
  const places = placesOf(options.root, options.postgresDir);
  const env = options.env ?? process.env;
  const [temporal, postgres] = await Promise.all([temporalStatus(), postgresStatus()]);
  return { temporal, postgres, workers: backgroundWorkers(places) };

  async function temporalStatus(): Promise<ServicesStatus['temporal']> {
    const external = await externalTemporal(env);
    if (external) {
      const { address, namespace, source } = external;
      return { address, namespace, ...(source && { source }), running: await isTemporalReachable(external), embedded: false };
    }
    const state = readState(places);
    const found = await findTemporal(places, state);
    if (!found) return { running: false, embedded: true };
    const { address, ui } = found;
    return { address, ...(ui && { ui }), running: true, ...(state.temporal?.pid && { pid: state.temporal.pid }), embedded: true };
  }

  async function postgresStatus(): Promise<ServicesStatus['postgres']> {
    const external = externalPostgres(env, options.database);
    if (external) {
      const running = (await postgresProblem(external)) === undefined;
      return { url: withoutPassword(external.url), running, embedded: false, ...(external.source && { source: external.source }) };
    }
    const found = findPostgres(places);
    const pid = findPostmaster(places.postgresDir)?.pid;
    return found ? { url: found.url, running: true, ...(pid && { pid }), embedded: true } : { running: false, embedded: true };
  }
}
