import { expect, inject, it } from 'vitest';
import { databaseError, isDatabaseAway, migrateDatabase, openDatabase } from '../../metadata/index.ts';
import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import { makeProject, type TestProject } from '../support/project.ts';

const MIGRATE = `
import { migrateDatabase } from '${new URL('../../metadata/database.ts', import.meta.url).href}';
await migrateDatabase(process.env.FLOWYML_DATABASE_URL);
`;

async function withProject(use: (project: TestProject) => Promise<void>): Promise<void> {
  const project = await makeProject({ 'migrate.ts': MIGRATE });
  try {
    await use(project);
  } finally {
    await project.remove();
  }
}

async function tables(url: string): Promise<string[]> {
  const db = openDatabase(url, { max: 1 });
  try {
    const rows = await db.client<{ name: string }[]>`
      select table_schema || '.' || table_name as name from information_schema.tables
      where table_schema not in ('pg_catalog', 'information_schema') order by 1`;
    const [{ n } = { n: 0 }] = await db.client<{ n: number }[]>`select count(*)::int as n from flowyml.__drizzle_migrations`;
    return [...rows.map((row) => row.name), `${n} migrations`];
  } finally {
    await db.close();
  }
}

it('migrations make the tables in a schema of our own; a second time changes nothing', () =>
  withProject(async ({ databaseUrl }) => {
    await migrateDatabase(databaseUrl);
    const after = await tables(databaseUrl);
    const names = ['artifacts', 'attempts', 'checkpoints', 'lineage', 'logs', 'metrics', 'plans', 'runs', 'steps', 'workers'];
    expect(after).toEqual(expect.arrayContaining(names.map((name) => `flowyml.${name}`)));
    expect(after.filter((name) => !name.startsWith('flowyml.'))).toEqual([expect.stringMatching(/^[1-9]\d* migrations$/)]);
    await migrateDatabase(databaseUrl);
    expect(await tables(databaseUrl)).toEqual(after);
  }));

it('processes that migrate an empty database at once all succeed', () =>
  withProject(async (project) => {
    const ended = await Promise.all([project.script('migrate.ts'), project.script('migrate.ts'), migrateDatabase(project.databaseUrl)]);
    for (const one of ended) if (one) expect(one).toMatchObject({ code: 0, stderr: '' });
    expect((await tables(project.databaseUrl)).at(-1)).toMatch(/^[1-9]\d* migrations$/);
  }));

it('a database that is away is a service that is unavailable; its password is not shown', async () => {
  const migrated = migrateDatabase('postgres://me:secret@127.0.0.1:1/shop');
  await expect(migrated).rejects.toThrow(ServiceUnavailable);
  await expect(migrated).rejects.toThrow(
    /^PostgreSQL at 127\.0\.0\.1:1\/shop cannot be reached \(connection refused\): run 'flowyml up', or check its address\. FLOWYML_DATABASE_URL names it, /,
  );
  await expect(migrated).rejects.not.toThrow(/secret/);
});

it('a database that is not there is a mistake in the URL', async () => {
  const url = new URL(inject('postgresUrl'));
  url.pathname = '/no_such_database';
  const migrated = migrateDatabase(url.href);
  await expect(migrated).rejects.toThrow(UsageError);
  await expect(migrated).rejects.toThrow(
    `PostgreSQL at ${url.host}/no_such_database: database "no_such_database" does not exist: create that database (createdb -h 127.0.0.1 -p ${url.port} -U flowyml no_such_database), or name another.`,
  );
});

it.each([
  ['ECONNREFUSED', true],
  ['CONNECTION_CLOSED', true],
  ['CONNECT_TIMEOUT', true],
  ['08006', true],
  ['53300', true],
  ['57P01', true],
  ['57014', false],
  ['23505', false],
  ['22P05', false],
  ['', false],
])('code %s means away: %s, also inside another error', (code, away) => {
  const error = Object.assign(new Error('x'), { code });
  expect(isDatabaseAway(error)).toBe(away);
  expect(isDatabaseAway(new Error('Failed query', { cause: error }))).toBe(away);
  expect(databaseError(error, 'postgres://u:p@h:1/d') instanceof ServiceUnavailable).toBe(away);
});

it('what is no error is not away', () => {
  expect([undefined, null, 'ECONNREFUSED', { code: 'ECONNREFUSED' }].map(isDatabaseAway)).toEqual([false, false, false, false]);
});
