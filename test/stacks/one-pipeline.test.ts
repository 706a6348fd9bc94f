import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { BlobServiceClient } from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { lacks, S3_ROOT, type StoreServer, startAzure, startGcs, startS3 } from '../support/store-servers.ts';

// One pipeline, whose code never says where it runs: larger values, a table and a folder, a map, a group.
const PIPELINE = `
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directory, mapStep, pipeline, step, table } from 'flowyml';
import { z } from 'zod';

const load = step({ name: 'load', outputs: { rows: table(), notes: directory() } }, async (_, run) => {
  const folder = join(process.env.TMPDIR ?? '/tmp', 'notes-' + run.runId);
  mkdirSync(folder, { recursive: true });
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), name.repeat(6000));
  return { rows: Array.from({ length: 2000 }, (_, i) => ({ id: i, half: i / 2 })), notes: folder };
});
const numbers = step({ name: 'numbers', group: 'training', inputs: { rows: table() }, outputs: { ids: z.array(z.number()) } }, async ({ rows }) => {
  const ids: number[] = [];
  for await (const batch of rows.batches()) for (const row of batch.toArray()) ids.push(Number(row.id));
  return ids;
});
const square = mapStep({ name: 'square', items: 'ids', item: z.number(), batchSize: 1000, outputs: { squares: z.number() } }, ({ item }) => item * item);
const report = step({ name: 'report', group: 'training', inputs: { squares: z.array(z.number()), notes: directory() }, outputs: { result: z.object({ total: z.number(), notes: z.number() }) } }, ({ squares, notes }) => ({
  total: squares.reduce((a, b) => a + b, 0),
  notes: readdirSync(notes).reduce((sum, name) => sum + readFileSync(join(notes, name)).length, 0),
}));
export default pipeline('anywhere', { steps: [load, numbers, square, report] });

export const hybrid = pipeline('hybrid', { steps: [load, { ...numbers, stack: 's3' }, { ...report, inputs: { squares: report.inputs.squares, notes: report.inputs.notes }, group: 'elsewhere', stack: 'gcs' }, square] });
`;
const RESULT = { total: 2664667000, notes: 12000 };

describe('one pipeline', () => {
  const missing = lacks('fake-gcs-server') || lacks('versitygw') || lacks('azurite');
  const servers: StoreServer[] = [];
  let project: TestProject;
  beforeAll(async () => {
    if (missing) return;
    const [gcs, s3, azure] = await Promise.all([startGcs(), startS3(), startAzure()]);
    servers.push(gcs, s3, azure);
    await new Storage({ apiEndpoint: gcs.endpoint, projectId: 'test' }).createBucket('artifacts');
    const credentials = S3_ROOT;
    const client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
    await client.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
    await BlobServiceClient.fromConnectionString(azure.connectionString()).createContainer('artifacts');
    project = await makeProject({ 'pipelines/p.ts': PIPELINE });
    project.write(
      'flowyml.yaml',
      `project: ${project.name}
stacks:
  gcs: { type: gcp, project_id: test, executor: local, artifact_store: { bucket: artifacts, prefix: flowyml, endpoint: '${gcs.endpoint}' } }
  s3: { type: aws, region: us-east-1, artifact_store: { bucket: artifacts, endpoint: '\${S3_ENDPOINT}', force_path_style: true } }
  azure: { type: kubernetes, artifact_store: { type: azure, container: artifacts, connection_string: '\${AZURE_STORAGE_CONNECTION_STRING}' } }
  vertex: { type: gcp, project_id: test, bucket_name: artifacts }
`,
    );
    Object.assign(project.env, {
      S3_ENDPOINT: s3.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AZURE_STORAGE_CONNECTION_STRING: azure.connectionString(),
    });
  });
  afterAll(async () => {
    await project?.remove();
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function run(...args: string[]): Promise<RunResult> {
    const { code, stdout, stderr } = await project.flowyml('run', 'pipelines/p.ts', ...args, '--json');
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as RunResult;
  }
  const uris = ({ steps }: RunResult) =>
    Object.values(steps).flatMap(({ outputs }) => Object.values(outputs).flatMap(({ uri }) => (uri ? [new URL(uri).protocol] : [])));

  it('makes the same on a folder, on GCS, S3 and Azure, and each takes over what the others made', async (context) => {
    if (missing) return context.skip(missing);
    const made: Record<string, RunResult> = {};
    for (const stack of ['local', 'gcs', 's3', 'azure']) made[stack] = await run('--stack', stack, '--refresh');
    for (const [stack, { steps, version, ...result }] of Object.entries(made)) {
      expect(result.stack).toBe(stack);
      expect(version).toBe(made.local?.version);
      expect(steps.report?.outputs.result?.value).toEqual(RESULT);
      const hashes = (of: RunResult | undefined) =>
        Object.values(of?.steps ?? {}).map(({ outputs }) => Object.values(outputs).map(({ sha256 }) => sha256));
      expect(hashes(made[stack])).toEqual(hashes(made.local));
    }
    const cached = await run('--stack', 's3');
    expect(Object.values(cached.steps).map(({ status }) => status)).toEqual(['cached', 'cached', 'cached', 'cached']);
    expect(new Set(uris(made.azure as RunResult))).toEqual(new Set(['http:']));
  });

  it('copies what crosses from one store to another', async (context) => {
    if (missing) return context.skip(missing);
    await project.flowyml('cache', 'clear', '--yes');
    const only = await run('--stack', 'gcs', '--recompute', 'load');
    expect(new Set(uris(only))).toEqual(new Set(['gs:']));
    // The inputs lie in GCS; the step that runs again reads and writes S3.
    const crossed = await run('--stack', 's3', '--recompute', 'report');
    expect(crossed.steps).toMatchObject({ square: { status: 'cached' }, report: { status: 'succeeded', stack: 's3' } });
    expect(crossed.steps.report?.outputs.result?.value).toEqual(RESULT);
    const whole = await project.flowyml('artifact', 'get', `${crossed.runId}/square/squares`);
    expect(JSON.parse(whole.stdout)).toHaveLength(2000);
  });

  it('has steps on several stacks at once', async (context) => {
    if (missing) return context.skip(missing);
    const { code, stdout, stderr } = await project.flowyml('run', 'pipelines/p.ts#hybrid', '--no-cache', '--json');
    expect(code, stderr).toBe(0);
    const { steps } = JSON.parse(stdout) as RunResult;
    expect(Object.fromEntries(Object.entries(steps).map(([name, { stack }]) => [name, stack]))).toEqual({
      load: 'local',
      numbers: 's3',
      square: 'local',
      report: 'gcs',
    });
    expect(steps.report?.outputs.result?.value).toEqual(RESULT);
    expect(steps.numbers?.outputs.ids?.uri).toMatch(/^s3:/);
  });

  it('says before it starts what a stack lacks', async (context) => {
    if (missing) return context.skip(missing);
    const vertex = await project.flowyml('run', 'pipelines/p.ts', '--stack', 'vertex');
    expect(vertex).toMatchObject({ code: 2, stdout: '' });
    expect(vertex.stderr).toMatch(/this version starts no Vertex AI jobs: .*--executor/);
    expect((await project.flowyml('run', 'pipelines/p.ts', '--stack', 'gcs', '--executor', 'rocket')).stderr).toMatch(
      /executor 'rocket' is unknown/,
    );
    project.env.S3_ENDPOINT = '';
    const unset = await project.flowyml('run', 'pipelines/p.ts', '--stack', 's3');
    expect(unset).toMatchObject({ code: 2 });
    expect(unset.stderr).toMatch(/flowyml\.yaml:4: stack 's3': the environment variable S3_ENDPOINT is not set/);
    expect((await project.flowyml('run', 'pipelines/p.ts')).code).toBe(0);
  });
});
