import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import { codeOf, reasonOf } from '../reason.ts';
import type { PostgresEndpoint } from '../types.ts';

const REACH_S = 5;

const REMEDIES: Readonly<Record<string, string>> = {
  '28P01': 'correct its user or password',
  '28000': "correct its user or password, or let the server's pg_hba.conf admit it",
  '3D000': 'create that database, or name another',
};

/** The server that FLOWYML_DATABASE_URL names, if it is set. */
export function externalPostgres(env: NodeJS.ProcessEnv): PostgresEndpoint | undefined {
  const url = env.FLOWYML_DATABASE_URL;
  if (!url) return undefined;
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError('FLOWYML_DATABASE_URL is no address of a PostgreSQL: expected postgres://user:password@host:port/database.');
  }
  return { url, embedded: false };
}

/** Throws unless one can log in there within 5 s. Messages never hold the password. */
export async function checkPostgres(endpoint: PostgresEndpoint): Promise<PostgresEndpoint> {
  const problem = await postgresProblem(endpoint);
  if (problem === undefined) return endpoint;
  throw new ServiceUnavailable(
    `Cannot use the PostgreSQL at ${withoutPassword(endpoint.url)}, named by FLOWYML_DATABASE_URL (${problem.reason}): ${problem.remedy}.`,
  );
}

/** Why one cannot log in, and what to do about it. */
export async function postgresProblem({ url }: PostgresEndpoint): Promise<{ reason: string; remedy: string } | undefined> {
  const { default: postgres } = await import('postgres');
  const sql = postgres(url, { max: 1, connect_timeout: REACH_S, onnotice: () => {} });
  try {
    await sql`select 1`;
    return undefined;
  } catch (error) {
    const code = codeOf(error) ?? '';
    const reason =
      code === 'CONNECT_TIMEOUT' ? `no answer within ${REACH_S} s` : code === 'ECONNREFUSED' ? 'connection refused' : reasonOf(error);
    const remedy = REMEDIES[code] ?? 'start it, correct the address, or unset FLOWYML_DATABASE_URL so that flowyml starts one of its own';
    return { reason, remedy };
  } finally {
    await sql.end({ timeout: 1 }).catch(() => {});
  }
}

export function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password) shown.password = '***';
  for (const name of [...shown.searchParams.keys()]) if (/pass/i.test(name)) shown.searchParams.set(name, '***');
  return shown.href;
}
