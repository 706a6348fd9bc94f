import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import getPort from 'get-port';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Plan } from '../../pipelines/plan.ts';
import type { StackSpec } from '../../pipelines/stack-spec.ts';
import { placeProblems } from '../../stacks/place-problems.ts';
import { GCPStack } from '../../stacks/stack-classes.ts';
import { type StackCheck, validateStack } from '../../stacks/validate.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { registryMissing, startRegistry, type TestRegistry } from '../support/registry.ts';
import { lacks, S3_ROOT, type StoreServer, startGcs, startS3 } from '../support/store-servers.ts';
import { type FakeGoogle, googleError, startGoogle } from './google.ts';

const before = { ...process.env };
const root = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-validate-')));
const project = { root, name: 'shop' };
let google: FakeGoogle;

beforeAll(async () => {
  google = await startGoogle();
});
beforeEach(() => {
  google.answers.clear();
  process.env = {
    ...before,
    GOOGLE_APPLICATION_CREDENTIALS: google.credentials,
    GOOGLE_CLOUD_PROJECT: 'shop-prod',
    DOCKER_CONFIG: join(root, 'docker'),
    // Nobody's Docker: what needs none must not ask for it.
    DOCKER_HOST: `unix://${join(root, 'no-docker.sock')}`,
    FLOWYML_DATABASE_URL: '',
  };
});
afterAll(async () => {
  process.env = before;
  await google.stop();
  rmSync(root, { recursive: true, force: true });
});

const validate = (spec: StackSpec) => validateStack(spec, project, { serviceUsage: google.url, iam: google.url });
const of = (checks: StackCheck[], component: string): StackCheck => {
  const found = checks.find((each) => each.component === component);
  if (!found) throw new Error(`${component} was not checked: ${JSON.stringify(checks)}`);
  return found;
};
const local: StackSpec = { name: 'local', type: 'local', artifactStore: { type: 'local', path: 'artifacts' } };

describe('a local stack', () => {
  it('is fine without Docker, and nothing is made', async () => {
    const checks = await validate(local);
    expect(checks.map(({ component, ok }) => [component, ok])).toEqual([
      ['artifact store', true],
      ['metadata store', true],
      ['executor', true],
    ]);
    expect(existsSync(join(root, 'artifacts'))).toBe(false);
    expect(of(checks, 'metadata store').detail).toMatch(/embedded PostgreSQL in .*postgres, made at the first start/);
  });

  it('whose folder is a file, or in one, cannot be used', async () => {
    writeFileSync(join(root, 'taken'), '');
    const checks = await validate({ ...local, artifactStore: { type: 'local', path: 'taken' } });
    expect(of(checks, 'artifact store')).toMatchObject({ ok: false, detail: expect.stringMatching(/taken/) });
  });

  it('names the variables that are not set, and leaves out what needs them', async () => {
    const checks = await validate({ ...local, metadataStore: { type: 'postgresql', url: ['$', '{NO_SUCH_DB}'].join('') } });
    expect(of(checks, 'variables')).toEqual({
      component: 'variables',
      ok: false,
      detail: 'not set: NO_SUCH_DB (metadata store)',
      remedy: 'set them (export NO_SUCH_DB=…), or write defaults: $' + '{NAME:-default}',
    });
    expect(checks.map(({ component }) => component)).not.toContain('metadata store');
    expect(of(checks, 'artifact store').ok).toBe(true);
  });
});

it('with the executor docker, asks Docker', async () => {
  const checks = await validate({ ...local, executor: { type: 'docker' } });
  expect(of(checks, 'docker')).toMatchObject({ ok: false, detail: expect.stringContaining('Docker is not running') });
  expect(of(checks, 'docker').remedy).toMatch(/^Start Docker Desktop, or 'sudo systemctl start docker', or set DOCKER_HOST/);
});

describe('the metadata store', () => {
  const check = async (url: string) => of(await validate({ ...local, metadataStore: { type: 'postgresql', url } }), 'metadata store');

  it('is asked for its version, and whether tables may be made', async () => {
    expect(await check(inject('postgresUrl'))).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^PostgreSQL \d+\.\d+ .*at 127\.0\.0\.1:\d+\/flowyml$/),
    });
    process.env.FLOWYML_DATABASE_URL = inject('postgresUrl');
    expect(await check('postgres://h/d')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/named by FLOWYML_DATABASE_URL, which decides for all stacks/),
    });
  });

  it('that cannot be used says what to do, and no password', async () => {
    const away = await check('postgres://me:hidden@127.0.0.1:1/d');
    expect(away).toEqual({
      component: 'metadata store',
      ok: false,
      detail: 'PostgreSQL at postgres://me:***@127.0.0.1:1/d: connection refused',
      remedy: 'start it, or correct its address',
    });
    const url = new URL(inject('postgresUrl'));
    url.pathname = '/nothing';
    expect(await check(url.href)).toMatchObject({
      ok: false,
      remedy: expect.stringMatching(/createdb -h 127\.0\.0\.1 -p \d+ -U flowyml nothing/),
    });
    expect((await check('mysql://h')).detail).toMatch(/url is no address of a PostgreSQL/);
  });
});

it('a server that never answers is told after 10 s, and holds up no other check', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  const checks = await validate({ ...local, containerRegistry: { type: 'registry', uri: `127.0.0.1:${port}/team` } });
  expect(of(checks, 'container registry')).toMatchObject({
    ok: false,
    detail: 'no answer within 10 s',
    remedy: expect.stringMatching(/check the network/),
  });
  expect(of(checks, 'artifact store').ok).toBe(true);
  silent.close();
});

describe.skipIf(registryMissing())('the container registry', () => {
  let open: TestRegistry;
  let closed: TestRegistry;
  beforeAll(async () => {
    [open, closed] = await Promise.all([startRegistry(), startRegistry({ auth: true })]);
  });
  afterAll(() => Promise.all([open?.stop(), closed?.stop()]));
  const check = async (uri: string) => of(await validate({ ...local, containerRegistry: { type: 'registry', uri } }), 'container registry');

  it('begins an upload and takes it back', async () => {
    expect(await check(`${open.host}/team`)).toEqual({
      component: 'container registry',
      ok: true,
      detail: `images can be pushed to ${open.host}/team`,
    });
    expect(open.requests().map((line) => line.replace(/[0-9a-f-]{36}.*/, 'ID'))).toEqual(
      expect.arrayContaining(['POST /v2/team/shop/blobs/uploads/', 'DELETE /v2/team/shop/blobs/uploads/ID']),
    );
    expect(await (await fetch(`http://${open.host}/v2/_catalog`)).json()).toEqual({ repositories: [] });
  });

  it('that wants a login says how; one that is away is away', async () => {
    expect(await check(`${closed.host}/team`)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/no or wrong credentials/),
      remedy: `Log in: docker login ${closed.host}`,
    });
    expect(await check(`127.0.0.1:${await getPort()}/team`)).toMatchObject({ ok: false, remedy: 'Check the address and the network' });
    expect((await check('http://h/x')).detail).toMatch(/leave out http:\/\//);
  });
});

describe.skipIf(lacks('fake-gcs-server') || lacks('versitygw'))('the artifact store in a cloud', () => {
  let gcs: StoreServer;
  let s3: Awaited<ReturnType<typeof startS3>>;
  beforeAll(async () => {
    [gcs, s3] = await Promise.all([startGcs(), startS3()]);
    await new Storage({ apiEndpoint: gcs.endpoint, projectId: 'p' }).createBucket('there');
  });
  afterAll(() => Promise.all([gcs?.stop(), s3?.stop()]));

  it('is written, read and left as it was', async () => {
    const check = async (bucket: string) =>
      of(await validate({ ...local, artifactStore: { type: 'gcs', bucket, endpoint: gcs.endpoint } }), 'artifact store');
    expect(await check('there')).toEqual({ component: 'artifact store', ok: true, detail: 'gs://there can be read and written' });
    const [files] = await new Storage({ apiEndpoint: gcs.endpoint, projectId: 'p' }).bucket('there').getFiles();
    expect(files).toEqual([]);
    expect(await check('gone')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^gs:\/\/gone: .*no such bucket/),
      remedy: expect.stringContaining('gcloud storage buckets create gs://gone'),
    });
  });

  it('with wrong keys says which', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: S3_ROOT.accessKeyId, AWS_SECRET_ACCESS_KEY: 'wrong' });
    const artifactStore = { type: 's3' as const, bucket: 'models', endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true };
    const found = of(await validate({ name: 'a', type: 'aws', artifactStore }), 'artifact store');
    expect(found.ok).toBe(false);
    expect(`${found.detail} ${found.remedy}`).toMatch(/key|credentials/i);
  });
});

it('a stack without an artifact store says which key gives it one', async () => {
  expect(of(await validate({ name: 'a', type: 'aws' }), 'artifact store')).toMatchObject({
    ok: false,
    detail: 'none is named',
    remedy: 'give the stack s3_bucket, or an artifact_store',
  });
});

describe('a stack on Google Cloud', () => {
  const spec: StackSpec = {
    name: 'prod',
    type: 'gcp',
    projectId: 'shop-prod',
    region: 'europe-west1',
    artifactStore: local.artifactStore as NonNullable<StackSpec['artifactStore']>,
    orchestrator: { type: 'vertex_ai', serviceAccount: 'trainer@shop-prod.iam.gserviceaccount.com' },
  };
  const service = (api: string) => `/v1/projects/shop-prod/services/${api}`;
  const account = '/v1/projects/-/serviceAccounts/trainer%40shop-prod.iam.gserviceaccount.com';

  it('has credentials, its APIs enabled, its service account', async () => {
    google.answers.set(service('aiplatform.googleapis.com'), { status: 200, body: { state: 'ENABLED' } });
    google.answers.set(account, { status: 200, body: { email: 'trainer@shop-prod.iam.gserviceaccount.com' } });
    const checks = await validate(spec);
    expect(of(checks, 'Google credentials').ok).toBe(true);
    expect(of(checks, 'Vertex AI API')).toEqual({ component: 'Vertex AI API', ok: true, detail: 'enabled in shop-prod' });
    expect(of(checks, 'service account').ok).toBe(true);
  });

  it('says plainly that no Vertex AI jobs are started, in the words of the plan', async () => {
    const { detail, remedy, ok } = of(await validate(spec), 'executor');
    expect(ok).toBe(false);
    const workers = { q: { group: 'g', stack: { name: 'prod' }, executor: { type: 'vertex_ai' } } };
    const [problem] = placeProblems({ stacks: {}, workers } as unknown as Plan);
    expect(problem).toBe(`group 'g' on stack 'prod': ${detail}: ${remedy}`);
  });

  it.each<[what: string, answer: { status: number; body: object } | undefined, detail: RegExp, remedy: RegExp]>([
    [
      'is disabled',
      { status: 200, body: { state: 'DISABLED' } },
      /^the Vertex AI API is not enabled in project shop-prod$/,
      /^run: gcloud services enable aiplatform\.googleapis\.com --project=shop-prod$/,
    ],
    [
      'may not be asked',
      { status: 403, body: googleError(403, 'Permission denied to get service', 'PERMISSION_DENIED', 'AUTH_PERMISSION_DENIED') },
      /may not be asked, or there is no such project/,
      /roles\/serviceusage\.serviceUsageViewer/,
    ],
    [
      'cannot be asked',
      {
        status: 403,
        body: googleError(
          403,
          'Service Usage API has not been used in project 1 before or it is disabled.',
          'PERMISSION_DENIED',
          'SERVICE_DISABLED',
        ),
      },
      /cannot be asked: the Service Usage API is not/,
      /gcloud services enable serviceusage\.googleapis\.com/,
    ],
    [
      'fails at Google',
      { status: 503, body: googleError(503, 'The service is unavailable.', 'UNAVAILABLE') },
      /HTTP 503: The service is unavailable/,
      /try again/,
    ],
  ])('whose API %s', async (_, answer, detail, remedy) => {
    if (answer) google.answers.set(service('aiplatform.googleapis.com'), answer);
    const found = of(await validate(spec), 'Vertex AI API');
    expect(found.ok).toBe(false);
    expect(found.detail).toMatch(detail);
    expect(found.remedy).toMatch(remedy);
  });

  it.each<[what: string, answer: { status: number; body: object } | undefined, remedy: RegExp]>([
    ['is not there', undefined, /gcloud iam service-accounts create trainer --project=shop-prod/],
    ['is disabled', { status: 200, body: { disabled: true } }, /gcloud iam service-accounts enable trainer@/],
    [
      'may not be asked for',
      { status: 403, body: googleError(403, "Permission 'iam.serviceAccounts.get' denied", 'PERMISSION_DENIED') },
      /roles\/iam\.serviceAccountViewer.*roles\/iam\.serviceAccountUser/,
    ],
  ])('whose service account %s', async (_, answer, remedy) => {
    if (answer) google.answers.set(account, answer);
    expect(of(await validate(spec), 'service account')).toMatchObject({ ok: false, remedy: expect.stringMatching(remedy) });
  });

  it('without credentials says how to log in', async () => {
    process.env.GOOGLE_APPLICATION_CREDENTIALS = join(root, 'no-such-key.json');
    const found = of(await validate(spec), 'Google credentials');
    expect(found.ok).toBe(false);
    expect(found.remedy).toMatch(/gcloud auth login, then: gcloud auth application-default login/);
  });

  it("asks for the API of its registry in the registry's project", async () => {
    google.answers.set('/v1/projects/images/services/artifactregistry.googleapis.com', { status: 200, body: { state: 'DISABLED' } });
    const containerRegistry = { type: 'artifact_registry' as const, uri: 'europe-west1-docker.pkg.dev/images/flowyml' };
    const checks = await validate({ ...spec, containerRegistry, executor: { type: 'local' }, orchestrator: { type: 'temporal' } });
    expect(of(checks, 'Artifact Registry API').remedy).toBe('run: gcloud services enable artifactregistry.googleapis.com --project=images');
    expect(checks.map(({ component }) => component)).not.toContain('Vertex AI API');
    // Which cannot be reached from here.
    expect(of(checks, 'container registry').ok).toBe(false);
  });
});

describe("components of one's own", () => {
  const write = (name: string, text: string) => {
    writeFileSync(join(root, name), text);
    return `./${name}`;
  };

  it('are loaded and looked at', async () => {
    const checks = await validate({
      ...local,
      artifactStore: { type: 'custom', module: write('store.mjs', 'export default () => ({ put() {}, open() {} })') },
      containerRegistry: { type: 'custom', module: write('registry.mjs', 'export default () => ({})') },
      executor: { type: 'custom', module: write('executor.mjs', 'export default () => ({ start() {}, running() {} })') },
    });
    expect(of(checks, 'artifact store').detail).toMatch(/lacks has\(\)/);
    expect(of(checks, 'container registry').detail).toMatch(/lacks its address, uri/);
    expect(of(checks, 'executor').detail).toMatch(/lacks ended\(\), stop\(\)/);
  });

  it('that are not there say so', async () => {
    const checks = await validate({ ...local, executor: { type: 'custom', module: './no-such.mjs' } });
    expect(of(checks, 'executor')).toMatchObject({ ok: false, detail: expect.stringMatching(/no-such\.mjs/) });
  });
});

describe('the commands', () => {
  let made: TestProject;
  beforeAll(async () => {
    process.env = { ...before };
    made = await makeProject();
    made.write(
      'flowyml.yaml',
      `project: ${made.name}\nstacks:\n  boxes: { type: local, executor: docker }\n  prod: { type: gcp, project_id: p, bucket_name: '$' + '{NO_BUCKET}' }\n`.replace(
        "'$' + '",
        "'$",
      ),
    );
    made.env.DOCKER_HOST = `unix://${join(root, 'no-docker.sock')}`;
  });
  afterAll(() => made.remove());

  it('stack validate tells, and exits with 1 where something cannot be used', async () => {
    const good = await made.flowyml('stack', 'validate');
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(good.stdout).toMatch(/^ok {7}artifact store: /m);
    const boxes = await made.flowyml('stack', 'validate', 'boxes', '--json');
    expect(boxes.code).toBe(1);
    expect((JSON.parse(boxes.stdout) as StackCheck[]).filter(({ ok }) => !ok).map(({ component }) => component)).toEqual(['docker']);
  });

  it('doctor has the checks of the stack in use among its own', async () => {
    const plain = await made.flowyml('doctor', '--json');
    expect(plain.code).toBe(0);
    const names = (JSON.parse(plain.stdout) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['Node.js', 'Temporal', 'PostgreSQL', 'stack local: artifact store', 'stack local: metadata store']),
    );
    made.env.FLOWYML_STACK = 'boxes';
    const boxes = await made.flowyml('doctor');
    delete made.env.FLOWYML_STACK;
    expect(boxes.code).toBe(1);
    expect(boxes.stdout).toMatch(/missing {2}stack boxes: docker: Docker is not running.*\n {9}to do: Start Docker Desktop/);
  });

  it('a stack made in code asks too', async () => {
    process.env = { ...before, GOOGLE_APPLICATION_CREDENTIALS: join(root, 'no-such-key.json'), GOOGLE_CLOUD_PROJECT: 'p' };
    const checks = await new GCPStack({ name: 'mine', projectId: 'p', executor: 'local', orchestrator: 'temporal' }).validate();
    expect(of(checks, 'Google credentials').ok).toBe(false);
    expect(of(checks, 'artifact store').remedy).toMatch(/give the stack bucket_name/);
  });
});
