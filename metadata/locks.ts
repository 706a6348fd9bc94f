import type { ReservedSql } from 'postgres';
import type { Database } from './database.ts';

/** Held until it is given back, its process ends, or the connection is lost. */
export interface Lock {
  /** Whether it is held still. */
  check(): Promise<boolean>;
  release(): Promise<void>;
}

/** Takes a lock that one process at a time can hold; undefined where another does. It keeps a connection to itself. */
export async function tryLock(db: Database, name: string): Promise<Lock | undefined> {
  const connection = await db.client.reserve();
  try {
    const [row] = await connection<{ held: boolean }[]>`select pg_try_advisory_lock(hashtextextended(${`flowyml\n${name}`}, 0)) as held`;
    if (row?.held) return lockOn(connection, name);
  } catch (error) {
    connection.release();
    throw error;
  }
  connection.release();
  return undefined;
}

function lockOn(connection: ReservedSql, name: string): Lock {
  const key = `flowyml\n${name}`;
  return {
    // A connection that was made anew holds no lock.
    async check() {
      const [row] = await connection<{ held: boolean }[]>`
        select exists (select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and granted
          and ((classid::bigint << 32) | objid::bigint) = hashtextextended(${key}, 0)) as held`;
      return row?.held === true;
    },
    async release() {
      await connection`select pg_advisory_unlock(hashtextextended(${key}, 0))`.catch(() => {});
      connection.release();
    },
  };
}
