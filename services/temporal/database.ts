import { existsSync, rmSync, writeFileSync } from 'node:fs';

/**
 * The server makes the tables of a new database one by one, and takes any file that exists for a whole one: killed in
 * between, it would never start again. So a mark stands beside the file from before it is made until the server has
 * answered for the first time; a file with a mark has served nobody and may be made anew.
 */
const markOf = (db: string): string => `${db}.new`;

/** Call before the server starts. Whether it will make a new one. */
export function prepareDatabase(db: string): boolean {
  if (existsSync(markOf(db))) for (const suffix of ['', '-wal', '-shm']) rmSync(db + suffix, { force: true });
  const isNew = !existsSync(db);
  if (isNew) writeFileSync(markOf(db), '');
  return isNew;
}

/** Call when the server has answered, before anybody is told so. Whether the database is a new one. */
export function databaseIsWhole(db: string): boolean {
  const isNew = existsSync(markOf(db));
  rmSync(markOf(db), { force: true });
  return isNew;
}
