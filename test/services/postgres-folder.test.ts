import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hydrate, postgresBinaries } from '../../services/postgres/binaries.ts';
import { ensureCluster } from '../../services/postgres/cluster.ts';
import { findPostmaster, forgetReusedPid } from '../../services/postgres/postmaster.ts';
import { databaseIsWhole, prepareDatabase } from '../../services/temporal/database.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowyml-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = (entries: Record<string, string>) => {
  for (const [name, text] of Object.entries(entries)) writeFileSync(join(folder, name), text);
};
const ensure = () => ensureCluster(folder, postgresBinaries(join(folder, 'links'), process.env), [], () => {});

it('never takes a folder with something else in it', async () => {
  files({ 'metadata.db': 'of another program' });
  await expect(ensure()).rejects.toThrow(/holds other files: name another folder/);
  files({ PG_VERSION: '17\n' });
  await expect(ensure()).rejects.toThrow(/is of PostgreSQL 17; this flowyml brings PostgreSQL 18/);
  files({ PG_VERSION: '18\n' });
  await expect(ensure()).rejects.toThrow(/flowyml did not make .*FLOWYML_DATABASE_URL/);
});

it('takes no other process for a server, whatever its pid', () => {
  const pidFile = (pid: number) => files({ 'postmaster.pid': `${pid}\n${folder}\n1\n21000\n\n127.0.0.1\n1 2\nready\n` });
  pidFile(process.pid);
  expect(findPostmaster(folder)).toBeUndefined();
  // A pid that is in use by no PostgreSQL: the file would keep the next server from starting.
  forgetReusedPid(folder);
  expect(existsSync(join(folder, 'postmaster.pid'))).toBe(false);
  // A pid that is not in use: PostgreSQL sees that itself.
  pidFile(2 ** 30);
  forgetReusedPid(folder);
  expect(existsSync(join(folder, 'postmaster.pid'))).toBe(true);
});

it('makes the links that npm left out, elsewhere if need be', () => {
  mkdirSync(join(folder, 'native', 'lib'), { recursive: true });
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  files({ 'native/pg-symlinks.json': JSON.stringify(links), 'native/lib/libpq.so.5.18': '' });
  expect(hydrate(join(folder, 'native'), join(folder, 'links'))).toEqual([]);
  expect(readlinkSync(join(folder, 'native/lib/libpq.so.5'))).toBe('libpq.so.5.18');

  // As in a folder that cannot be written, which root (as in a container) never meets.
  links.push({ source: 'native/lib/libicu.so.60.2', target: 'native/closed/libicu.so.60' });
  files({ 'native/pg-symlinks.json': JSON.stringify(links) });
  expect(hydrate(join(folder, 'native'), join(folder, 'links'))).toEqual([join(folder, 'links'), join(folder, 'native', 'lib')]);
  expect(readlinkSync(join(folder, 'links', 'libicu.so.60'))).toBe(join(folder, 'native/lib/libicu.so.60.2'));
});

it("makes Temporal's database anew only if it has served nobody", () => {
  const db = join(folder, 'temporal.db');
  prepareDatabase(db);
  files({ 'temporal.db': 'half', 'temporal.db-wal': 'half' });
  prepareDatabase(db);
  expect(existsSync(db)).toBe(false);
  files({ 'temporal.db': 'whole' });
  expect(databaseIsWhole(db)).toBe(true);
  prepareDatabase(db);
  expect(existsSync(db)).toBe(true);
  expect(databaseIsWhole(db)).toBe(false);
});
