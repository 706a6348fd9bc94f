import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import { codeOf, reasonOf } from '../reason.ts';
import { runCommand } from '../run-command.ts';
import type { PostgresBinaries } from './binaries.ts';

/** Role and database. */
export const NAME = 'flowyml';

/** Within the data folder, so that data moved, shared or kept from a purge can still be opened. */
const PASSWORD_FILE = 'flowyml.password';

const ABANDONED_MS = 2 * 60_000;

/** The password of the data in a folder. */
export function passwordOf(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, PASSWORD_FILE), 'utf8').trim();
  } catch (error) {
    throw new ServiceUnavailable(
      `The password of the PostgreSQL in ${dataDir} cannot be read (${reasonOf(error)}): run as the user who started it, or bring ${PASSWORD_FILE} back.`,
      { cause: error },
    );
  }
}

/** Makes the data folder unless it is there. What is there is never overwritten. */
export async function ensureCluster(
  dataDir: string,
  binaries: PostgresBinaries,
  prefix: string[],
  say: (line: string) => void,
): Promise<void> {
  if (isOurs(dataDir, binaries.major)) return;
  say(`Creating the database in ${dataDir}`);
  mkdirSync(dirname(dataDir), { recursive: true });
  await removeAbandoned(dataDir);
  // Made beside its place and moved there when whole: killed in between, nothing half-made is in the way.
  const draft = await mkdtemp(`${dataDir}.new-`);
  const data = join(draft, 'data');
  const password = join(draft, 'password');
  const run = (args: string[], input?: string) => {
    const [command = '', ...rest] = [...prefix, ...args];
    return runCommand(command, rest, { env: binaries.env, cwd: draft, ...(input ? { input } : {}) });
  };
  try {
    await writeFile(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    await run([binaries.initdb, '-D', data, `--username=${NAME}`, `--pwfile=${password}`, ...INITDB]);
    await run([binaries.postgres, '--single', '-D', data, 'postgres'], `CREATE DATABASE ${NAME}\n`);
    await rename(password, join(data, PASSWORD_FILE));
    await moveInto(data, dataDir, binaries.major);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new ServiceUnavailable(`PostgreSQL could not make its data folder ${dataDir}: ${reasonOf(error)}`, { cause: error });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A collation that is the same on every machine, and no `trust` for anybody. */
const INITDB = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

function isOurs(dataDir: string, major: string): boolean {
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) return false;
  const versionFile = join(dataDir, 'PG_VERSION');
  if (!existsSync(versionFile)) {
    throw new UsageError(`${dataDir} is to hold PostgreSQL's data, but holds other files: name another folder, or an empty one.`);
  }
  const version = readFileSync(versionFile, 'utf8').trim();
  if (version !== major) {
    throw new UsageError(
      `The data in ${dataDir} is of PostgreSQL ${version}; this flowyml brings PostgreSQL ${major}. Take it over with the pg_dumpall of ${version}, ` +
        'install the flowyml that made it, or name another folder.',
    );
  }
  if (!existsSync(join(dataDir, PASSWORD_FILE))) {
    throw new UsageError(
      `${dataDir} holds a PostgreSQL that flowyml did not make (it has no ${PASSWORD_FILE}): ` +
        'start it yourself and name it in FLOWYML_DATABASE_URL, or name another folder.',
    );
  }
  return true;
}

async function moveInto(data: string, dataDir: string, major: string): Promise<void> {
  try {
    await rename(data, dataDir);
  } catch (error) {
    // Another project that keeps its data there was faster.
    if ((codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') && isOurs(dataDir, major)) return;
    if (codeOf(error) !== 'EBUSY') throw error;
    throw new UsageError(`${dataDir} is a mount point, which cannot be replaced: name a folder within it.`);
  }
}

/** What a killed process left behind. A younger one may still be at work. */
async function removeAbandoned(dataDir: string): Promise<void> {
  const drafts = readdirSync(dirname(dataDir)).filter((name) => name.startsWith(`${basename(dataDir)}.new-`));
  for (const draft of drafts.map((name) => join(dirname(dataDir), name))) {
    const age = Date.now() - (statSync(draft, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > ABANDONED_MS) await rm(draft, { recursive: true, force: true });
  }
}
