import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import postgres from 'postgres';
import { postgresBinaries } from '../../services/postgres/binaries.ts';
import { ensureCluster, passwordOf } from '../../services/postgres/cluster.ts';
import { userPrefix } from '../../services/postgres/user.ts';
import { until } from './project.ts';

/** A PostgreSQL of a test's own, where the settings that all tests share do not do. */
export interface TestPostgres {
  port: number;
  /** Of its superuser. */
  url: string;
  password: string;
  /** The address of another user or database; parameters follow a `?`. */
  as(user: string, password?: string, rest?: string): string;
  sql(...statements: string[]): Promise<void>;
  /** Puts a file into its data folder, as the server wants it: for its eyes alone. */
  put(file: string, name: string): void;
  restart(settings?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** @param hba lines of pg_hba.conf that come before the superuser's */
export async function startPostgres(hba: readonly string[] = []): Promise<TestPostgres> {
  const root = mkdtempSync(join(tmpdir(), 'flowyml-pg-'));
  const data = join(root, 'data');
  const binaries = postgresBinaries(join(root, 'lib'), process.env);
  const prefix = await userPrefix();
  await ensureCluster(data, binaries, prefix, () => {});
  writeFileSync(join(data, 'pg_hba.conf'), `${[...hba, 'host all flowyml 127.0.0.1/32 scram-sha-256'].join('\n')}\n`);
  const port = await getPort();
  const password = passwordOf(data);
  const url = `postgres://flowyml:${password}@127.0.0.1:${port}/flowyml`;
  let child: ChildProcess | undefined;
  let log = '';
  const end = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGINT');
    await once(child, 'exit');
  };
  const start = async (settings: readonly string[] = []) => {
    const always = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
    const flags = [...always, ...settings].flatMap((each) => ['-c', each]);
    const [command = '', ...args] = [...prefix, binaries.postgres, '-D', data, '-p', `${port}`, ...flags];
    child = spawn(command, args, { env: binaries.env, cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.on('data', (text) => {
      log += text;
    });
    const answers = () =>
      onServer(url, ['select 1']).then(
        () => true,
        () => false,
      );
    await until(answers, 'PostgreSQL', 30_000, () => log);
  };
  await start();
  return {
    port,
    url,
    password,
    as: (user, secret, rest = '/flowyml') =>
      `postgres://${encodeURIComponent(user)}${secret === undefined ? '' : `:${secret}`}@127.0.0.1:${port}${rest}`,
    sql: (...statements) => onServer(url, statements),
    put: (file, name) => {
      copyFileSync(file, join(data, name));
    },
    async restart(settings) {
      await end();
      await start(settings);
    },
    async stop() {
      await end();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function onServer(url: string, statements: readonly string[]): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice() {}, backoff: () => 0.05 });
  try {
    for (const each of statements) await sql.unsafe(each);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
