import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { ServiceUnavailable, UsageError } from '../pipelines/errors.ts';
import { parseAddress } from './address.ts';
import { CloudSqlSockets } from './cloud-sql.ts';
import { databaseProblem, LEAST_SERVER, ServerUnfit, UNREACHABLE } from './database-problem.ts';
import * as schema from './schema.ts';
import { sslOptions } from './tls.ts';

/** A pool of connections to the database that keeps what runs made. */
export interface Database {
  readonly orm: PostgresJsDatabase<typeof schema>;
  /** The same pool without drizzle: for the few statements on each step's path, which it prepares. */
  readonly client: postgres.Sql;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Connections at most; 8 unless given. What the address says (`pool_size`) wins. */
  max?: number;
  /** Connect once: for a look, not for work. */
  single?: boolean;
}

const CONNECT_S = 5;
const CONNECT_CLOUD_S = 15;

/**
 * Opens a pool. Nothing is connected before the first query.
 * @param url see `DatabaseAddress`
 * @throws UsageError for what is no address, and for files of certificates that cannot be read
 */
export function openDatabase(url: string, { max = 8, single = false }: DatabaseOptions = {}): Database {
  const address = parseAddress(url, 'the database');
  const sockets = address.cloudSql && new CloudSqlSockets(address.cloudSql);
  const client = postgres(address.driverUrl, {
    max: single || max === 1 ? 1 : (address.poolSize ?? max),
    connect_timeout: sockets ? CONNECT_CLOUD_S : CONNECT_S,
    idle_timeout: 60,
    // In seconds. The driver's own wait between attempts to connect grows to 20 s, and a few callers are enough for it.
    backoff: () => 0.2 + Math.random() / 10,
    onnotice() {},
    connection: { application_name: 'flowyml' },
    ...(sslOptions(address) as postgres.Options<Record<string, never>>),
    // The driver's types do not have it.
    ...(sockets ? ({ ssl: false, socket: sockets.connect } as object) : {}),
  });
  const close = async () => {
    await client.end({ timeout: 2 });
    await sockets?.close();
  };
  return { orm: drizzle(client, { schema }), client, close };
}

const CONNECTION_LOST = new Set(['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'ECONNRESET', 'EPIPE', '57P01', '57P02']);

/**
 * For the body of a transaction: never settles once its connection is lost. The driver rejects the transaction itself
 * then; told of the failure, it would write a rollback to the connection that is gone, and the process would die of it
 * (porsager/postgres issue 1154).
 */
export async function whileConnected<T>(body: Promise<T>): Promise<T> {
  try {
    return await body;
  } catch (error) {
    if (hasCode(error, (code) => CONNECTION_LOST.has(code))) return new Promise(() => {});
    throw error;
  }
}

// Any number that no other program is likely to lock in the same database.
const MIGRATION_LOCK = 7_216_530_441;

/**
 * Brings the tables up to date. Processes that start at the same moment wait for each other.
 * @throws ServiceUnavailable if the database cannot be reached
 * @throws UsageError if one is not let in, or the server is too old or read-only
 */
export async function migrateDatabase(url: string): Promise<void> {
  const { migrate } = await import('drizzle-orm/postgres-js/migrator');
  const connection = openDatabase(url, { single: true });
  try {
    await checkServer(connection);
    // An advisory lock belongs to its session: with a pool of one, the migrations run in the same session.
    await connection.orm.execute(sql`select pg_advisory_lock(${MIGRATION_LOCK}::bigint)`);
    await migrate(connection.orm, {
      migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)),
      migrationsSchema: 'flowyml',
    });
  } catch (error) {
    throw databaseError(error, url);
  } finally {
    await connection.close();
  }
}

/** Whether an error says that the database is away, rather than that a statement is wrong. */
export function isDatabaseAway(error: unknown): boolean {
  // 08: connection exceptions, 28 and 55000: nobody is let in, 53: out of disk, memory or connections, 57P: shutting down; of
  // three digits: what the API of Cloud SQL answers.
  return hasCode(error, (code) => code in UNREACHABLE || /^(08...|28...|53...|55000|57P..|401|403|429|5\d\d)$/.test(code));
}

/** Looks at an error and at its causes: drizzle wraps what the driver says. */
function hasCode(error: unknown, is: (code: string) => boolean): boolean {
  for (let e = error; e instanceof Error; e = e.cause) if (is(String((e as { code?: unknown }).code ?? ''))) return true;
  return false;
}

/** The error for a person: which database, and what to do. Never shows the password. */
export function databaseError(error: unknown, url: string): Error {
  const { shown } = parseAddress(url, 'the database');
  const problem = databaseProblem(error, url);
  if (problem?.mistake)
    return new UsageError(`PostgreSQL at ${shown}: ${problem.reason}: ${problem.remedy}. ${NAMED_BY}`, { cause: error });
  // drizzle wraps what the driver says in an error that quotes the statement.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = problem?.reason ?? ((cause as Error).message || String((cause as { code?: string }).code));
  if (!isDatabaseAway(error)) return error instanceof UsageError ? error : new Error(`PostgreSQL at ${shown}: ${reason}`, { cause: error });
  const remedy = /^(53)/.test(codeOf(error)) && problem ? problem.remedy : "run 'flowyml up', or check its address";
  return new ServiceUnavailable(`PostgreSQL at ${shown} cannot be reached (${reason}): ${remedy}. ${NAMED_BY}`, { cause: error });
}

const NAMED_BY = "FLOWYML_DATABASE_URL names it, or the stack's metadata_store";

function codeOf(error: unknown): string {
  for (let e = error; e instanceof Error; e = e.cause) if ('code' in e) return String(e.code);
  return '';
}

/** Throws `ServerUnfit` for a server that is too old. */
export async function checkServer(db: Database, least = LEAST_SERVER): Promise<{ version: string }> {
  const [row] = await db.client<{ number: number; version: string }[]>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as version`;
  const { number = 0, version = '' } = row ?? {};
  if (number >= least * 10_000) return { version };
  throw new ServerUnfit({
    reason: `it is PostgreSQL ${version}, which is too old`,
    remedy: `use PostgreSQL ${least} or later`,
    mistake: true,
  });
}
