import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { ServiceUnavailable, UsageError } from '../pipelines/errors.ts';
import * as schema from './schema.ts';

/** A pool of connections to the database that keeps what runs made. */
export interface Database {
  readonly orm: PostgresJsDatabase<typeof schema>;
  /** The same pool without drizzle: for the few statements on each step's path, which it prepares. */
  readonly client: postgres.Sql;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Connections at most; 8 unless given. */
  max?: number;
}

/** Opens a pool. Nothing is connected before the first query. */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const client = postgres(url, {
    max: options.max ?? 8,
    connect_timeout: 5,
    idle_timeout: 60,
    // In seconds. The driver's own wait between attempts to connect grows to 20 s, and a few callers are enough for it.
    backoff: () => 0.2 + Math.random() / 10,
    onnotice() {},
    connection: { application_name: 'flowyml' },
  });
  return { orm: drizzle(client, { schema }), client, close: () => client.end({ timeout: 2 }) };
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
 */
export async function migrateDatabase(url: string): Promise<void> {
  const { migrate } = await import('drizzle-orm/postgres-js/migrator');
  const connection = openDatabase(url, { max: 1 });
  try {
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

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  '57P03',
  '57P01',
]);

/** Whether an error says that the database is away, rather than that a statement is wrong. */
export function isDatabaseAway(error: unknown): boolean {
  // 08: connection exceptions, 28 and 55000: nobody is let in, 53: out of disk, memory or connections, 57P: shutting down.
  return hasCode(error, (code) => UNREACHABLE.has(code) || /^(08|28|53|55000|57P)/.test(code));
}

/** Looks at an error and at its causes: drizzle wraps what the driver says. */
function hasCode(error: unknown, is: (code: string) => boolean): boolean {
  for (let e = error; e instanceof Error; e = e.cause) if (is(String((e as { code?: unknown }).code ?? ''))) return true;
  return false;
}

/** The error for a person: which database, and what to do. Never shows the password. */
export function databaseError(error: unknown, url: string): Error {
  // drizzle wraps what the driver says in an error that quotes the statement.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { host, pathname } = new URL(url);
  const reason = (cause as Error).message || String((cause as { code?: string }).code);
  // 28: a user or password that it refuses, 3D: a database that it does not have.
  if (/^(28|3D)/.test(String((cause as { code?: string }).code))) {
    return new UsageError(`PostgreSQL at ${host}${pathname}: ${reason}: check FLOWYML_DATABASE_URL`, { cause: error });
  }
  if (!isDatabaseAway(error)) return new Error(`PostgreSQL at ${host}${pathname}: ${reason}`, { cause: error });
  return new ServiceUnavailable(
    `PostgreSQL at ${host}${pathname} cannot be reached (${reason}): run 'flowyml up', or check FLOWYML_DATABASE_URL`,
    { cause: error },
  );
}
