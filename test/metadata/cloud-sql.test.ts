import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { databaseError, migrateDatabase, openDatabase } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { type FakeCloudSql, INSTANCE, startCloudSql } from '../support/cloud-sql.ts';
import { startPostgres, type TestPostgres } from '../support/postgres-server.ts';

// Google's connector is the real one, and so is PostgreSQL: what stands in is Google's API, and the TLS before the instance.
const SECRET = 'p@ss/word';
const IAM_USER = 'trainer@shop-prod.iam';

let server: TestPostgres;
let google: FakeCloudSql;
const before = { ...process.env };

beforeAll(async () => {
  server = await startPostgres([
    `host all "${IAM_USER}" 127.0.0.1/32 trust`,
    'host all keeper,"denied@shop-prod.iam" 127.0.0.1/32 scram-sha-256',
  ]);
  await server.sql(`create user keeper password '${SECRET}'`, `create user "${IAM_USER}"`, 'create user "denied@shop-prod.iam"');
  await server.sql('create database shop owner keeper', `grant all on database shop to "${IAM_USER}"`);
  google = await startCloudSql(server.port);
  // Else Google's library asks the cloud for the project.
  Object.assign(process.env, { GOOGLE_APPLICATION_CREDENTIALS: google.credentials, GOOGLE_CLOUD_PROJECT: 'shop-prod' });
}, 60_000);

afterEach(() => {
  google.refuse(undefined);
  google.requests.length = 0;
  google.clients.length = 0;
});

afterAll(async () => {
  process.env = before;
  await google?.stop();
  await server?.stop();
});

const url = (user: string, { instance = INSTANCE, database = 'shop', password = '', more = '' } = {}) =>
  `cloudsql://${encodeURIComponent(user)}${password && `:${encodeURIComponent(password)}`}@${instance}/${database}?endpoint=${encodeURIComponent(google.endpoint)}${more}`;

async function failure(address: string): Promise<Error> {
  const error = await migrateDatabase(address).then(
    () => undefined,
    (reason: Error) => reason,
  );
  if (!error) throw new Error('nothing failed');
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).not.toContain(SECRET);
  return error;
}

it('reaches an instance by a certificate of an hour, with a password', async () => {
  const address = url('keeper', { password: SECRET, more: '&pool_size=4' });
  await migrateDatabase(address);
  const db = openDatabase(address);
  try {
    const rows = await Promise.all(Array.from({ length: 9 }, () => db.client`select current_user as who, pg_sleep(0.02)`));
    expect(rows.map(([row]) => row?.who)).toEqual(Array(9).fill('keeper'));
    expect(await db.client`select count(*)::int as n from flowyml.runs`).toEqual([{ n: 0 }]);
  } finally {
    await db.close();
  }
  expect(google.requests).toEqual(expect.arrayContaining(['POST /sql/v1beta4/projects/shop-prod/instances/main:generateEphemeralCert']));
  expect(google.requests.join()).not.toContain('login by');
  // One for the migrations, and a pool of four.
  expect(google.clients).toEqual(Array(5).fill('by-password'));
});

it('logs in by IAM where no password is given', async () => {
  const db = openDatabase(url(IAM_USER), { single: true });
  try {
    expect(await db.client`select current_user as who`).toEqual([{ who: IAM_USER }]);
  } finally {
    await db.close();
  }
  expect(google.requests).toContain('login by token-of-google');
  expect(google.clients).toEqual(['by-iam']);
});

it('goes on after the API was away, on the same pool', async () => {
  const db = openDatabase(url('keeper', { password: SECRET }), { max: 3 });
  try {
    google.refuse({ status: 403, reason: 'notAuthorized', message: 'Not authorized' });
    // More failures than the pool has connections: none may be stuck.
    for (let i = 0; i < 5; i++) await expect(db.client`select 1`).rejects.toThrow(/Not authorized/);
    google.refuse(undefined);
    expect(await db.client`select 1 as one`).toEqual([{ one: 1 }]);
  } finally {
    await db.close();
  }
});

it.each<[what: string, refusal: Parameters<FakeCloudSql['refuse']>[0], message: RegExp]>([
  [
    'a role is missing',
    {
      status: 403,
      reason: 'notAuthorized',
      message: 'boss::NOT_AUTHORIZED: Not authorized to access resource. Possibly missing permission cloudsql.instances.connect',
    },
    /may not connect to the Cloud SQL instance shop-prod:europe-west1:main.*gcloud projects add-iam-policy-binding shop-prod --member=ACCOUNT --role=roles\/cloudsql\.client/,
  ],
  [
    'the API is not enabled',
    { status: 403, reason: 'accessNotConfigured', message: 'Cloud SQL Admin API has not been used in project 1 before or it is disabled.' },
    /Cloud SQL Admin API is not enabled: run: gcloud services enable sqladmin\.googleapis\.com --project=shop-prod/,
  ],
])('says what to do where %s', async (_, refusal, message) => {
  google.refuse(refusal);
  expect((await failure(url('keeper', { password: SECRET }))).message).toMatch(message);
});

it('says what to do about an unknown instance, another region, another kind of address, a user or a database', async () => {
  const keeper = { password: SECRET };
  const messages = await Promise.all(
    [
      url('keeper', { ...keeper, instance: 'shop-prod:europe-west1:other' }),
      url('keeper', { ...keeper, instance: 'shop-prod:us-central1:main' }),
      url('keeper', { ...keeper, more: '&ip_type=private' }),
      url('denied@shop-prod.iam'),
      url('keeper', { ...keeper, database: 'nothing' }),
    ].map(async (each) => (await failure(each)).message),
  );
  expect(messages[0]).toMatch(
    /no Cloud SQL instance shop-prod:europe-west1:other \(HTTP 404\): correct its name; 'gcloud sql instances list --project=shop-prod'/,
  );
  expect(messages[1]).toMatch(/instance main is in another region .*Got europe-west1, want us-central1.*: correct the region/);
  expect(messages[2]).toMatch(/no address of that kind .*: set ip_type to one that it has/);
  expect(messages[3]).toMatch(/does not let 'denied@shop-prod\.iam' in by IAM .*roles\/cloudsql\.instanceUser.*gcloud sql users create/);
  expect(messages[4]).toMatch(/gcloud sql databases create nothing --instance=main --project=shop-prod/);
});

it('says how to log in where there are no credentials', async () => {
  process.env.GOOGLE_APPLICATION_CREDENTIALS = '/no/such/file.json';
  try {
    const db = openDatabase(url('keeper', { password: SECRET }), { single: true });
    const error = await db.client`select 1`.catch((reason: unknown) => reason);
    await db.close();
    expect(databaseError(error, url('keeper')).message).toMatch(
      /no valid Google credentials .*: run: gcloud auth application-default login/,
    );
  } finally {
    process.env.GOOGLE_APPLICATION_CREDENTIALS = google.credentials;
  }
});
