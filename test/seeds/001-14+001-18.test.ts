import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { AWSStack, GCPStack, LocalStack } from '../../index.ts';

const folder = mkdtempSync(join(tmpdir(), 'flowyml-twin-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a stack says of each component whether it can be used, and what it is made of', async () => {
  vi.stubEnv('FLOWYML_DATABASE_URL', '');
  const stack = new LocalStack({ name: 'laptop', artifactPath: join(folder, 'artifacts') });
  const checks = await stack.validate();
  expect(checks.find(({ component }) => component === 'artifact store')).toMatchObject({ ok: true });
  expect(stack.toJSON()).toMatchObject({ name: 'laptop', type: 'local', artifactStore: { type: 'local' } });
  const cloud = new AWSStack({
    name: 'aws-prod',
    artifactStore: { type: 's3', bucket: '${BUCKET}' },
    metadataStore: { type: 'postgresql', url: '${DATABASE_URL}' },
  });
  expect(JSON.stringify(cloud)).toContain('"url":"${DATABASE_URL}"');
  vi.unstubAllEnvs();
});

it('without credentials the two commands of the guide are what to do', async () => {
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(folder, 'no-such-key.json'));
  const checks = await new GCPStack({
    name: 'production',
    projectId: 'my-gcp-project',
    region: 'us-central1',
    executor: 'local',
  }).validate();
  vi.unstubAllEnvs();
  const credentials = checks.find(({ component }) => component === 'Google credentials');
  expect(credentials).toMatchObject({ ok: false });
  expect(credentials?.remedy).toMatch(/gcloud auth login.*gcloud auth application-default login/);
});
