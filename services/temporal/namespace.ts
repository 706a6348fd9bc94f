import { ServiceUnavailable } from '../../pipelines/errors.ts';
import { reasonOf } from '../reason.ts';
import { runCommand } from '../run-command.ts';
import type { Setup } from '../setup.ts';
import type { TemporalState } from '../state.ts';
import { SEARCH_ATTRIBUTE_TYPES } from './arguments.ts';
import { findTemporalBinary, type TemporalBinary, temporalCandidates } from './binary.ts';

/** The dev server forgets closed runs after a day; links to them, and replays, should work for longer. */
const RETENTION = '30d';

/** What a database that the server made has from the start, by the server's arguments. */
export const NEW_DATABASE = { searchAttributes: Object.keys(SEARCH_ATTRIBUTE_TYPES) };

/** Tells the namespace what the server's arguments cannot, or tell a new database only. Costs nothing once done. */
export async function configureNamespace(setup: Setup, done: TemporalState, binary?: TemporalBinary): Promise<TemporalState> {
  const missing = Object.entries(SEARCH_ATTRIBUTE_TYPES).filter(([name]) => !done.searchAttributes?.includes(name));
  if (missing.length === 0 && done.retention === RETENTION) return done;
  const { path } = binary ?? (await findTemporalBinary(setup.env, temporalCandidates(setup.env, setup.say)));
  const operator = (...args: string[]) =>
    runCommand(path, ['operator', ...args, '--address', `127.0.0.1:${done.port}`, '--namespace', 'default'], {
      env: commandEnv(setup.env),
      timeoutMs: 15_000,
    });
  try {
    const attributes = missing.flatMap(([name, type]) => ['--name', name, '--type', type]);
    if (missing.length > 0) await operator('search-attribute', 'create', ...attributes);
    if (done.retention !== RETENTION) await operator('namespace', 'update', '--retention', RETENTION);
  } catch (error) {
    throw new ServiceUnavailable(`Temporal runs, but its namespace could not be prepared: ${reasonOf(error)}`, { cause: error });
  }
  return { ...done, retention: RETENTION, searchAttributes: Object.keys(SEARCH_ATTRIBUTE_TYPES) };
}

/**
 * The environment of the `temporal` program: without settings for another server (address, TLS, profile), which it would
 * take; with a name for a user who has none (`docker run --user 1234`), without which its server does not start.
 */
export function commandEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { USER: 'flowyml', HOME: '/', ...Object.fromEntries(others) };
}
