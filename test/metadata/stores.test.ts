import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkServer, databaseEnv, databaseError, migrateDatabase, openDatabase } from '../../metadata/index.ts';
import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import { TestAuthority } from '../support/certificates.ts';
import { startPostgres, type TestPostgres } from '../support/postgres-server.ts';

const SECRET = 'S3cret-word';
const HBA = [
  'hostssl all tls_only 127.0.0.1/32 scram-sha-256',
  'hostssl all by_cert 127.0.0.1/32 cert',
  'host all reader,limited,frozen 127.0.0.1/32 scram-sha-256',
];

let server: TestPostgres;
let plain: TestPostgres;
const authority = new TestAuthority();
const stranger = new TestAuthority('a stranger');

beforeAll(async () => {
  [server, plain] = await Promise.all([startPostgres(HBA), startPostgres()]);
  const users = ['tls_only', 'by_cert', 'reader', 'limited', 'frozen', 'nowhere'].map((name) => `create user ${name} password '${SECRET}'`);
  await server.sql(...users, 'alter user limited connection limit 0', 'alter user frozen set default_transaction_read_only = on');
  await use('server', {});
  server.put(authority.ca, 'ca.crt');
  await server.restart(['ssl=on', 'ssl_ca_file=ca.crt']);
}, 60_000);

afterAll(async () => {
  await Promise.all([server?.stop(), plain?.stop()]);
  authority.remove();
  stranger.remove();
});

/** Gives the server a certificate; one that runs takes it for new connections. */
async function use(name: string, options: { san?: string; days?: number }): Promise<void> {
  const { cert, key } = authority.issue(name, 'localhost', { san: 'DNS:localhost', ...options });
  server.put(cert, 'server.crt');
  server.put(key, 'server.key');
  await server.sql('select pg_reload_conf()');
}

/** What the server says of a connection's encryption, or the error that a person gets. */
async function connect(url: string): Promise<unknown> {
  let db: ReturnType<typeof openDatabase> | undefined;
  try {
    db = openDatabase(url, { single: true });
    const [row] = await db.client`select ssl, client_dn from pg_stat_ssl where pid = pg_backend_pid()`;
    return row;
  } catch (error) {
    return databaseError(error, url);
  } finally {
    await db?.close();
  }
}

async function failure(url: string): Promise<Error> {
  const error = await migrateDatabase(url).then(
    () => undefined,
    (reason: Error) => reason,
  );
  if (!error) throw new Error('nothing failed');
  expect(error.message).not.toContain(SECRET);
  expect(error.message).not.toContain(server.password);
  return error;
}

describe('one clear message for each way in which a database cannot be used', () => {
  it.each<[what: string, url: () => string, type: typeof UsageError | typeof ServiceUnavailable, message: RegExp]>([
    [
      'no such host',
      () => `postgres://me:${SECRET}@nowhere.invalid/d`,
      ServiceUnavailable,
      /nowhere\.invalid\/d cannot be reached \((no such host: nowhere\.invalid|the name of the host could not be looked up)\)/,
    ],
    [
      'a closed port',
      () => `postgres://me:${SECRET}@127.0.0.1:1/d`,
      ServiceUnavailable,
      /127\.0\.0\.1:1\/d cannot be reached \(connection refused\)/,
    ],
    [
      'a wrong password',
      () => server.as('reader', 'not-it'),
      UsageError,
      /password authentication failed for user "reader": correct its user or password/,
    ],
    [
      'no such database',
      () => server.as('reader', SECRET, '/nothing'),
      UsageError,
      /database "nothing" does not exist: create that database \(createdb -h 127\.0\.0\.1 -p \d+ -U reader nothing\)/,
    ],
    [
      'not from this host',
      () => server.as('nowhere', SECRET, '/flowyml?sslmode=require'),
      UsageError,
      /admits no such connection from this host .*pg_hba\.conf \(or the cloud's list of authorized networks\) admit this host, user and database/,
    ],
    [
      'TLS wanted by the server',
      () => server.as('tls_only', SECRET),
      UsageError,
      /takes this connection with TLS only.*: ask for TLS: 'tls: \{mode: require\}', or sslmode=require/,
    ],
    [
      'a client certificate wanted',
      () => server.as('by_cert', SECRET, '/flowyml?sslmode=require'),
      UsageError,
      /requires a valid client certificate: give a client's certificate: cert and key of metadata_store\.tls/,
    ],
    ['TLS not offered', () => `${plain.url}?sslmode=require`, UsageError, /the server does not offer TLS: turn it on/],
    [
      'too many connections',
      () => server.as('limited', SECRET),
      ServiceUnavailable,
      /too many connections .*: lower pool_size and the number of workers, or raise max_connections/,
    ],
    [
      'no right to make tables',
      () => server.as('reader', SECRET),
      UsageError,
      /user 'reader' may not make flowyml's tables .*grant create on database "flowyml" to "reader"/,
    ],
    ['a session that is read-only', () => server.as('frozen', SECRET), UsageError, /read-only .*: name the primary server, not a replica/],
    [
      'who issued the certificate is unknown',
      () => `${server.url}?sslmode=verify-full&sslrootcert=${stranger.ca}`,
      UsageError,
      /issued by nobody that is trusted here .*: name the certificate of who issued it: 'ca'/,
    ],
    ['no root certificate', () => `${server.url}?sslmode=verify-full`, UsageError, /issued by nobody that is trusted here/],
    [
      'a certificate for another name',
      () => `${server.url}?sslmode=verify-full&sslrootcert=${authority.ca}`,
      UsageError,
      /certificate is for another name than '127\.0\.0\.1': use the name that it is for, or verify-ca/,
    ],
    [
      'a file that is not there',
      () => `${server.url}?sslmode=verify-full&sslrootcert=/no/such.pem`,
      UsageError,
      /^sslrootcert: \/no\/such\.pem cannot be read/,
    ],
  ])('%s', async (_, url, type, message) => {
    const error = await failure(url());
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(message);
  });

  it('a replica', async () => {
    const note = join(authority.folder, 'empty');
    writeFileSync(note, '');
    plain.put(note, 'standby.signal');
    await plain.restart();
    expect((await failure(plain.url)).message).toMatch(
      /read-only \(cannot execute .* in a read-only transaction\): name the primary server/,
    );
  });

  it('a server that is too old', async () => {
    const db = openDatabase(server.url, { single: true });
    try {
      const error = await checkServer(db, 99).catch((reason: unknown) => reason);
      expect(databaseError(error, server.url)).toBeInstanceOf(UsageError);
      expect(databaseError(error, server.url).message).toMatch(/it is PostgreSQL \d+\.\d+.*, which is too old: use PostgreSQL 99 or later/);
    } finally {
      await db.close();
    }
  });
});

describe('TLS', () => {
  const local = (rest: string) => server.url.replace('127.0.0.1', 'localhost') + rest;

  it('encrypts, and checks what it is asked to check', async () => {
    const root = `sslrootcert=${authority.ca}`;
    expect(await connect(server.url)).toMatchObject({ ssl: false });
    expect(await connect(`${server.url}?sslmode=disable`)).toMatchObject({ ssl: false });
    expect(await connect(`${server.url}?sslmode=prefer`)).toMatchObject({ ssl: true });
    expect(await connect(`${server.url}?sslmode=require`)).toMatchObject({ ssl: true });
    expect(await connect(`${server.url}?sslmode=verify-ca&${root}`)).toMatchObject({ ssl: true });
    expect(await connect(local(`?sslmode=verify-full&${root}`))).toMatchObject({ ssl: true });
    // As libpq: a root certificate is checked by `require` too.
    expect(String(await connect(`${server.url}?sslmode=require&sslrootcert=${stranger.ca}`))).toMatch(/issued by nobody/);
  });

  it("logs in by a client's certificate", async () => {
    const { cert, key } = authority.issue('client', 'by_cert');
    const url = server.as('by_cert', undefined, `/flowyml?sslmode=require&sslcert=${cert}&sslkey=${key}`);
    expect(await connect(url)).toEqual({ ssl: true, client_dn: '/CN=by_cert' });
  });

  it('checks an address by the addresses in the certificate, and sees that one has expired', async () => {
    const full = `${server.url}?sslmode=verify-full&sslrootcert=${authority.ca}`;
    await use('by-address', { san: 'IP:127.0.0.1' });
    expect(await connect(full)).toMatchObject({ ssl: true });
    await use('expired', { san: 'IP:127.0.0.1', days: -1 });
    expect(String(await connect(full))).toMatch(/the server's certificate has expired: have the server given a new one/);
    await use('again', { san: 'IP:127.0.0.1,DNS:localhost' });
  });

  it('goes along to a worker elsewhere as text', async () => {
    const env = databaseEnv(`${server.url}?sslmode=verify-full&sslrootcert=${authority.ca}`);
    expect(env).toEqual({
      FLOWYML_DATABASE_URL: `${server.url}?sslmode=verify-full&sslrootcert=env:FLOWYML_DATABASE_CA`,
      FLOWYML_DATABASE_CA: readFileSync(authority.ca, 'utf8'),
    });
    expect(String(await connect(env.FLOWYML_DATABASE_URL as string))).toMatch(/environment variable FLOWYML_DATABASE_CA is not set/);
    process.env.FLOWYML_DATABASE_CA = env.FLOWYML_DATABASE_CA;
    try {
      expect(await connect(env.FLOWYML_DATABASE_URL as string)).toMatchObject({ ssl: true });
    } finally {
      delete process.env.FLOWYML_DATABASE_CA;
    }
  });
});

it('opens no more connections than pool_size', async () => {
  const db = openDatabase(`${server.url}?pool_size=3`, { max: 16 });
  try {
    await Promise.all(Array.from({ length: 12 }, () => db.client`select pg_sleep(0.05)`));
    const [row] = await db.client<{ n: number }[]>`select count(*)::int as n from pg_stat_activity where application_name = 'flowyml'`;
    expect(row?.n).toBe(3);
  } finally {
    await db.close();
  }
});

it.each([
  ['mysql://u@h/d', /is no address of a PostgreSQL: expected postgres:/],
  [`postgres://u:${SECRET}/x@h/d`, /In a password, write \/ \? # @/],
  ['postgres://h/d?pool_size=2', /pool_size=2: expected a whole number from 3/],
  ['postgres://h/d?sslmode=full', /sslmode=full: expected one of disable, allow, prefer, require, verify-ca, verify-full/],
  ['postgres://h/d?sslrootcert=ca.pem', /sslrootcert, which is used with TLS only: add sslmode=verify-full/],
  ['postgres://h/d?sslmode=require&sslkey=k', /one of sslcert and sslkey/],
  [
    'cloudsql://u@project:region/d',
    /Cloud SQL instance 'project:region': expected PROJECT:REGION:INSTANCE; 'gcloud sql instances describe/,
  ],
  ['cloudsql://project:region:instance/d', /lacks the user or the database/],
  ['cloudsql://u@project:region:instance/d?ip_type=both', /ip_type=both: expected public, private or psc/],
])('%s is no address', (url, message) => {
  expect(() => openDatabase(url)).toThrow(UsageError);
  expect(() => openDatabase(url)).toThrow(message);
  expect(() => openDatabase(url)).not.toThrow(SECRET);
});
