import { FlowymlError, ServiceUnavailable, UsageError } from '../pipelines/errors.ts';
import { withLock } from './lock.ts';
import { makeHome, type Places, placesOf } from './places.ts';
import { checkPostgres, externalPostgres } from './postgres/external.ts';
import { findPostgres, startPostgres } from './postgres/server.ts';
import { codeOf, reasonOf } from './reason.ts';
import { makeSetup, type Setup } from './setup.ts';
import { readState } from './state.ts';
import { checkTemporal, externalTemporal, isTemporalReachable } from './temporal/external.ts';
import { findTemporal, startTemporal } from './temporal/server.ts';
import type { FindOptions, ServiceOptions, Services } from './types.ts';

/**
 * Temporal and PostgreSQL for a project: those that Temporal's settings, and FLOWYML_DATABASE_URL or the stack name, else its own under
 * `<root>/.flowyml/`, which are started if they do not run, and stay up. Comes back when both can be used.
 */
export async function ensureServices(options: ServiceOptions): Promise<Services> {
  const places = placesOf(options.root, options.postgresDir);
  const env = options.env ?? process.env;
  const external = { temporal: await externalTemporal(env), postgres: externalPostgres(env, options.database) };
  const [temporal, postgres] = await both(
    external.temporal ? checkTemporal(external.temporal) : findTemporal(places, readState(places)),
    external.postgres ? checkPostgres(external.postgres) : findPostgres(places),
  );
  if (temporal && postgres) {
    remindOfPorts(options, { temporal, postgres });
    return { temporal, postgres };
  }
  return whileStarting(places, options, async (setup) => {
    // Looked at again: while we waited for the lock, another process may have started or stopped them.
    const [now, postgresNow] = await both(external.temporal ?? startTemporal(setup), external.postgres ?? startPostgres(setup));
    return { temporal: now, postgres: postgresNow };
  });
}

/** The services of a project if both can be used already. Starts nothing. */
export async function findServices(options: FindOptions): Promise<Services | undefined> {
  const places = placesOf(options.root, options.postgresDir);
  const env = options.env ?? process.env;
  const external = await externalTemporal(env);
  const postgres = externalPostgres(env, options.database) ?? findPostgres(places);
  if (!postgres) return undefined;
  const temporal = external
    ? (await isTemporalReachable(external))
      ? external
      : undefined
    : await findTemporal(places, readState(places));
  return temporal && { temporal, postgres };
}

/**
 * The address of a project's PostgreSQL: what FLOWYML_DATABASE_URL names, else the stack, else its own.
 * @throws UsageError if neither is there
 */
export function databaseUrl({ root, postgresDir, database, env = process.env }: FindOptions): string {
  const found = externalPostgres(env, database) ?? findPostgres(placesOf(root, postgresDir));
  if (found) return found.url;
  throw new UsageError(`the PostgreSQL of ${root} does not run: start it with 'flowyml up', or name one in FLOWYML_DATABASE_URL`);
}

async function whileStarting(places: Places, options: ServiceOptions, start: (setup: Setup) => Promise<Services>): Promise<Services> {
  if (process.platform === 'win32') {
    throw new UsageError('flowyml starts its services on Linux and macOS only: use WSL, or set TEMPORAL_ADDRESS and FLOWYML_DATABASE_URL.');
  }
  makeHome(places);
  try {
    return await withLock(places, options.onProgress ?? (() => {}), () => start(makeSetup(places, options)));
  } catch (error) {
    if (error instanceof FlowymlError || codeOf(error) === undefined) throw error;
    // The system refused something: a full disk, a file of another user.
    throw new ServiceUnavailable(`The services in ${places.home} could not be started: ${reasonOf(error)}`, { cause: error });
  }
}

/** Waits for both, so that none goes on behind an error; then throws what went wrong, all of it. */
async function both<A, B>(a: A | Promise<A>, b: B | Promise<B>): Promise<[A, B]> {
  const [one, other] = await Promise.allSettled([a, b]);
  if (one.status === 'fulfilled' && other.status === 'fulfilled') return [one.value, other.value];
  const errors: unknown[] = [one, other].flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const [first, second] = errors;
  if (!(first instanceof Error && second instanceof Error)) throw first;
  const Both = first instanceof UsageError ? UsageError : ServiceUnavailable;
  throw new Both(`${first.message}\n${second.message}`, { cause: new AggregateError(errors) });
}

function remindOfPorts({ ports = {}, onProgress }: ServiceOptions, { temporal, postgres }: Services): void {
  const wishes: [service: string, port: number | undefined, runsAt: string | undefined][] = [
    ['Temporal', ports.temporal, temporal.embedded ? temporal.address : undefined],
    ['Temporal Web', ports.ui, temporal.ui],
    ['PostgreSQL', ports.postgres, postgres.embedded ? new URL(postgres.url).host : undefined],
  ];
  for (const [service, port, runsAt] of wishes) {
    if (port !== undefined && runsAt && !runsAt.endsWith(`:${port}`))
      onProgress?.(`${service} runs already, at ${runsAt}: stop it first to have it on port ${port}`);
  }
}
