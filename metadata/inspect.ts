import { parseAddress } from './address.ts';
import { checkServer, type DatabaseOptions, databaseError, openDatabase } from './database.ts';
import { databaseProblem } from './database-problem.ts';
import type { DatabaseProblem } from './problem.ts';

export type Inspection = { version: string; encrypted: boolean; shown: string } | DatabaseProblem;

/** Really asks a database whether flowyml can keep its tables there. Changes nothing. */
export async function inspectDatabase(url: string, options: DatabaseOptions = { single: true }): Promise<Inspection> {
  let db: ReturnType<typeof openDatabase> | undefined;
  try {
    const { shown, user, database, cloudSql } = parseAddress(url, 'the database');
    db = openDatabase(url, options);
    const { version } = await checkServer(db);
    const [row] = await db.client<{ read_only: boolean; may_create: boolean; encrypted: boolean | null }[]>`
      select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as read_only,
        has_database_privilege(current_database(), 'CREATE') as may_create,
        (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted`;
    if (row?.read_only)
      return {
        reason: 'it is read-only: a replica, or default_transaction_read_only is on',
        remedy: 'name the primary server, or reset that setting',
        mistake: true,
      };
    if (!row?.may_create)
      return {
        reason: `the user '${user}' may not make flowyml's tables there`,
        remedy: `let a superuser run: grant create on database "${database}" to "${user}"`,
        mistake: true,
      };
    return { version, encrypted: row.encrypted === true || cloudSql !== undefined, shown };
  } catch (error) {
    const found = databaseProblem(error, url);
    return found ?? { reason: databaseError(error, url).message, remedy: 'check its address', mistake: true };
  } finally {
    await db?.close().catch(() => {});
  }
}
