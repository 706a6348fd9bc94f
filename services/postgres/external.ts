import { checkServer, databaseProblem, normalizeUrl, openDatabase, parseAddress, withoutPassword } from '../../metadata/index.ts';
import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import { reasonOf } from '../reason.ts';
import type { NamedDatabase, PostgresEndpoint } from '../types.ts';

const VARIABLE = 'FLOWYML_DATABASE_URL';

/** The server that FLOWYML_DATABASE_URL names, if it is set, else the one that the stack names, if it does. */
export function externalPostgres(env: NodeJS.ProcessEnv, named?: NamedDatabase): PostgresEndpoint | undefined {
  const url = env[VARIABLE] || named?.url;
  if (!url) return undefined;
  const source = env[VARIABLE] ? VARIABLE : (named?.source ?? VARIABLE);
  parseAddress(url, source);
  return { url: normalizeUrl(url), embedded: false, source };
}

/** Throws unless one can log in there within some seconds. Messages never hold the password. */
export async function checkPostgres(endpoint: PostgresEndpoint): Promise<PostgresEndpoint> {
  const problem = await postgresProblem(endpoint);
  if (problem === undefined) return endpoint;
  throw new ServiceUnavailable(
    `Cannot use the PostgreSQL at ${withoutPassword(endpoint.url)}, named by ${endpoint.source ?? VARIABLE} (${problem.reason}): ${problem.remedy}.`,
  );
}

/** Why one cannot log in, and what to do about it. */
export async function postgresProblem({ url, source }: PostgresEndpoint): Promise<{ reason: string; remedy: string } | undefined> {
  try {
    const db = openDatabase(url, { single: true });
    try {
      await checkServer(db);
      return undefined;
    } finally {
      await db.close().catch(() => {});
    }
  } catch (error) {
    const problem = databaseProblem(error, url);
    // The files of certificates that it names.
    if (error instanceof UsageError) return { reason: error.message, remedy: `correct ${source ?? VARIABLE}` };
    if (problem?.mistake || (problem && !/^start it/.test(problem.remedy))) return problem;
    const own = source?.startsWith('metadata_store') ? `take ${source} out` : `unset ${VARIABLE}`;
    return {
      reason: problem?.reason ?? reasonOf(error),
      remedy: `start it, correct the address, or ${own} so that flowyml starts one of its own`,
    };
  }
}

export { withoutPassword };
