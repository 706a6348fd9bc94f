import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { openDatabase } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import type { MetadataStoreSpec, StackSpec } from '../../pipelines/stack-spec.ts';
import { metadataOptions, metadataUrl, otherMetadataStore } from '../../stacks/metadata-store.ts';
import { makeProject, type TestProject } from '../support/project.ts';

const PIPELINE = `
import { pipeline, step } from 'flowyml';
import { z } from 'zod';
const one = step({ name: 'one', outputs: { n: z.number() } }, () => 1);
export const count = pipeline('count', { steps: [one] });
`;

let project: TestProject;
let other: TestProject;
beforeAll(async () => {
  [project, other] = await Promise.all([makeProject({ 'pipelines/count.ts': PIPELINE }), makeProject()]);
  project.write(
    'flowyml.yaml',
    `project: ${project.name}
active_stack: shared
stacks:
  shared:
    type: local
    metadata_store: { type: postgresql, url: '\${SHARED_URL}', pool_size: 5 }
  other:
    type: local
    metadata_store: { type: postgresql, url: '\${OTHER_URL}' }
`,
  );
  delete project.env.FLOWYML_DATABASE_URL;
  Object.assign(project.env, { SHARED_URL: project.databaseUrl, OTHER_URL: other.databaseUrl });
}, 30_000);
afterAll(() => Promise.all([project.remove(), other.remove()]));
afterEach(() => {
  delete project.env.FLOWYML_DATABASE_URL;
});

async function runsIn(url: string): Promise<string[]> {
  const db = openDatabase(url, { single: true });
  try {
    return (await db.client<{ id: string }[]>`select run_id as id from flowyml.runs`).map(({ id }) => id);
  } finally {
    await db.close();
  }
}

it('a run is recorded in the database of the stack in use', async () => {
  const run = (id: string, ...options: string[]) => project.flowyml('run', 'pipelines/count.ts', '--id', id, ...options);
  expect(await run('in-shared')).toMatchObject({ code: 0 });
  expect(await run('in-other', '--stack', 'other')).toMatchObject({ code: 0 });
  expect(await runsIn(project.databaseUrl)).toEqual(['in-shared']);
  expect(await runsIn(other.databaseUrl)).toEqual(['in-other']);
  // The environment wins over every stack, whose variables need not be set then.
  const { SHARED_URL } = project.env;
  Object.assign(project.env, { FLOWYML_DATABASE_URL: other.databaseUrl, SHARED_URL: '' });
  const list = await project.flowyml('runs', 'list');
  project.env.SHARED_URL = SHARED_URL;
  expect(list.stdout).toContain('in-other');
});

it('says which database is meant, and who names it', async () => {
  const { stdout } = await project.flowyml('status');
  expect(stdout).toMatch(/PostgreSQL {3}running at .*, named by metadata_store of stack 'shared'/);
  const { SHARED_URL } = project.env;
  project.env.SHARED_URL = 'postgres://me:hidden@127.0.0.1:1/d';
  const run = await project.flowyml('run', 'pipelines/count.ts');
  project.env.SHARED_URL = '';
  const unset = await project.flowyml('run', 'pipelines/count.ts');
  project.env.SHARED_URL = SHARED_URL;
  expect(run.stderr).toContain(
    "Cannot use the PostgreSQL at postgres://me:***@127.0.0.1:1/d?pool_size=5, named by metadata_store of stack 'shared' (connection refused): start it, correct the address, or take metadata_store of stack 'shared' out",
  );
  expect(unset.code).toBe(2);
  expect(unset.stderr).toMatch(/flowyml\.yaml:6: stack 'shared': the environment variable SHARED_URL is not set/);
}, 20_000);

it('a run on a stack whose records lie elsewhere is refused, not recorded in the wrong place', async () => {
  project.write('pipelines/count.ts', PIPELINE.replace('{ steps: [one] }', "{ steps: [one], stack: 'other' }"));
  const { code, stderr } = await project.flowyml('run', 'pipelines/count.ts');
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /stack 'other' keeps what runs made in another database .* than the stack in use, 'shared': run it with --stack other, or FLOWYML_STACK=other, so that it is/,
  );
  project.write(
    'start.ts',
    `import { createClient } from 'flowyml/client';
const client = await createClient();
await client.run('count', { stack: process.argv[2] }).then(() => console.log('ran'), (error) => console.log(error.name, error.message));
await client.close();`,
  );
  expect((await project.script('start.ts', 'other')).stdout).toMatch(/UsageError stack 'other' keeps what runs made in another database/);
});

it('a worker with another database that takes a run is found out', async () => {
  project.write('pipelines/count.ts', PIPELINE);
  const worker = project.start('worker', '--stack', 'other');
  await worker.until(/ready|serves|Serving/i);
  project.write(
    'launch.ts',
    `import { launchRun } from '${new URL('../../launch.ts', import.meta.url).href}';
import { startSession } from '${new URL('../../client/session.ts', import.meta.url).href}';
import { findProject } from '${new URL('../../stacks/project.ts', import.meta.url).href}';
import { count } from './pipelines/count.ts';
const session = await startSession(findProject());
const { result } = await launchRun(session, { pipeline: count, module: 'pipelines/count.ts' }, {}, 'taken');
console.log(await result.then(({ status }) => status, (error) => error.message));
await session.close();`,
  );
  expect(await project.script('launch.ts')).toMatchObject({
    stdout: expect.stringMatching(/^run taken was taken by a worker that keeps what runs made in another database than stack 'shared'/),
  });
  expect(await runsIn(other.databaseUrl)).toContain('taken');
  worker.child.kill('SIGTERM');
  await worker.ended;
});

// What flowyml.yaml writes, in place of a template of ours.
const variable = (name: string) => `\${${name}}`;
const spec = (name: string, metadataStore?: MetadataStoreSpec): StackSpec => ({
  name,
  type: 'local',
  ...(metadataStore ? { metadataStore } : {}),
});
const where = (stack: StackSpec, ...more: StackSpec[]) => ({
  root: '/p',
  stack: stack.name,
  stacks: Object.fromEntries([stack, ...more].map((each) => [each.name, each])),
});

it('one URL says all that a metadata store says', () => {
  const postgresql = (rest: object) => metadataUrl({ type: 'postgresql', url: 'postgres://u@h/d', ...rest }, '/p', 'x');
  expect(postgresql({})).toBe('postgres://u@h/d');
  expect(postgresql({ poolSize: 6, tls: { mode: 'verify-full', ca: 'certs/ca.pem', cert: '/c', key: '/k' } })).toBe(
    'postgres://u@h/d?pool_size=6&sslmode=verify-full&sslrootcert=%2Fp%2Fcerts%2Fca.pem&sslcert=%2Fc&sslkey=%2Fk',
  );
  expect(postgresql({ url: 'postgres://u@h/d?sslmode=verify-ca&sslrootcert=ca.pem', poolSize: 3 })).toBe(
    'postgres://u@h/d?sslmode=verify-ca&sslrootcert=%2Fp%2Fca.pem&pool_size=3',
  );
  const both = { url: 'postgres://u@h/d?sslmode=require', tls: { mode: 'disable' as const } };
  expect(() => postgresql(both)).toThrow(/x: 'sslmode' in the url and tls beside it say the same: keep one/);
  expect(() => postgresql({ url: 'h/d' })).toThrow(/x: url is no address of a PostgreSQL/);
  const cloudsql = { type: 'cloudsql' as const, instance: 'example.com:shop:europe-west1:main', database: 'd', user: 'sa@shop.iam' };
  expect(metadataUrl({ ...cloudsql, ipType: 'private', poolSize: 9 }, '/p', 'x')).toBe(
    'cloudsql://sa%40shop.iam@example.com%3Ashop%3Aeurope-west1%3Amain/d?ip_type=private&pool_size=9',
  );
  expect(metadataUrl({ ...cloudsql, password: 'p@/:' }, '/p', 'x')).toMatch(/sa%40shop\.iam:p%40%2F%3A@/);
  expect(() => metadataUrl({ ...cloudsql, instance: 'main' }, '/p', 'x')).toThrow(
    /x names the Cloud SQL instance 'main': expected PROJECT:REGION:INSTANCE/,
  );
});

it('a stack in use says where its database is, unless the environment does', () => {
  const own = spec('own', { type: 'postgresql', url: variable('DB') });
  expect(metadataOptions(where(own), { DB: 'postgres://h/d' })).toEqual({
    database: { url: 'postgres://h/d', source: "metadata_store of stack 'own'" },
  });
  expect(metadataOptions(where(own), { FLOWYML_DATABASE_URL: 'postgres://x/y' })).toEqual({});
  expect(() => metadataOptions(where(own), {})).toThrow(UsageError);
  expect(metadataOptions(where(spec('own', { type: 'embedded', path: `${variable('D')}/pg` })), { D: 'data' })).toEqual({
    postgresDir: '/p/data/pg',
  });
  expect(metadataOptions(where(spec('own', { type: 'embedded' })), {})).toEqual({});
  expect(metadataOptions(where(spec('own')), {})).toEqual({});
});

it('another metadata store is one that is another database', () => {
  const pg = (url: string, poolSize?: number): MetadataStoreSpec => ({ type: 'postgresql', url, ...(poolSize ? { poolSize } : {}) });
  const inUse = where(spec('a', pg(variable('A'))), spec('same', pg(variable('A'), 4)), spec('b', pg(variable('B'))), spec('plain'));
  expect(otherMetadataStore(inUse, undefined, {})).toBeUndefined();
  expect(otherMetadataStore(inUse, 'a', {})).toBeUndefined();
  expect(otherMetadataStore(inUse, 'same', {})).toBeUndefined();
  expect(otherMetadataStore(inUse, 'b', {})).toMatch(/--stack b/);
  expect(otherMetadataStore(inUse, 'plain', {})).toMatch(/--stack plain/);
  expect(otherMetadataStore(inUse, 'b', { FLOWYML_DATABASE_URL: inject('postgresUrl') })).toBeUndefined();
  // One made in code that says nothing takes what is there.
  expect(otherMetadataStore(inUse, spec('mine'), {})).toBeUndefined();
  expect(otherMetadataStore(inUse, { toJSON: () => spec('mine', pg(variable('B'))) }, {})).toMatch(
    /registerStack\(stack, \{ setActive: true \}\)/,
  );
  expect(otherMetadataStore(where(spec('plain'), spec('e', { type: 'embedded' })), 'e', {})).toBeUndefined();
});
