import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { WorkerRequest } from '../../../stacks/executor.ts';
import { fromContainer } from '../../../workers/docker/addresses.ts';
import { containerOptions } from '../../../workers/docker/container-options.ts';
import { credentialFiles } from '../../../workers/executors/credential-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'flowyml-credentials-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const request: WorkerRequest = {
  name: 'flowyml.shop.boxes.gpu.0',
  project: 'shop',
  root: '/home/me/shop',
  queue: 'shop.boxes.gpu',
  group: 'gpu',
  stack: 'boxes',
  image: 'sha256:1',
  env: { TEMPORAL_ADDRESS: '127.0.0.1:7233' },
  args: ['queue-worker'],
  command: [],
  folders: [
    { path: '/home/me/shop/.flowyml/artifacts', writable: true },
    { path: '/data/other', writable: false },
  ],
  files: ['/home/me/.aws/credentials'],
};
const made = (resources: WorkerRequest['resources'], network: 'shared' | 'forwarded' = 'shared') =>
  containerOptions(
    { ...request, ...(resources ? { resources } : {}) },
    { cpus: 4, network },
    { workingDir: '/app' },
    { uid: 1000, gid: 1000 },
  );

describe('a worker’s container', () => {
  it('has what its group may use, and no more than the machine has', () => {
    const { HostConfig } = made({ cpu: '16', memory: '1Gi', gpu: 'nvidia-l4' });
    expect(HostConfig).toMatchObject({
      NanoCpus: 4e9,
      Memory: 2 ** 30 + 384 * 2 ** 20,
      DeviceRequests: [{ Driver: 'nvidia', Count: 1, Capabilities: [['gpu']] }],
    });
    expect(made({ cpu: '500m' }).HostConfig).toMatchObject({ NanoCpus: 5e8 });
    expect(made({ gpu: 'nvidia-l4', gpuCount: 2 }).HostConfig?.DeviceRequests?.[0]?.Count).toBe(2);
    expect(made(undefined).HostConfig).not.toHaveProperty('Memory');
  });

  it('sees stores where its own project has them, others and credentials where they lie', () => {
    expect(made(undefined).HostConfig?.Mounts).toEqual([
      { Type: 'bind', Source: '/home/me/shop/.flowyml/artifacts', Target: '/app/.flowyml/artifacts', ReadOnly: false },
      { Type: 'bind', Source: '/data/other', Target: '/data/other', ReadOnly: true },
      { Type: 'bind', Source: '/home/me/.aws/credentials', Target: '/home/me/.aws/credentials', ReadOnly: true },
    ]);
  });

  it('reaches this machine by an address that leads there', () => {
    expect(made(undefined).HostConfig?.NetworkMode).toBe('host');
    const apart = made(undefined, 'forwarded');
    expect(apart.HostConfig?.ExtraHosts).toEqual(['host.docker.internal:host-gateway']);
    expect(apart.Env).toContain('TEMPORAL_ADDRESS=host.docker.internal:7233');
  });
});

it.each([
  ['FLOWYML_DATABASE_URL', 'postgres://me:127.0.0.1@localhost:5432/x', 'postgres://me:127.0.0.1@host.docker.internal:5432/x'],
  ['S3_ENDPOINT', 'http://127.0.0.1:9000', 'http://host.docker.internal:9000'],
  ['TEMPORAL_ADDRESS', 'temporal.example.com:7233', 'temporal.example.com:7233'],
  ['AZURE_STORAGE_CONNECTION_STRING', 'A=b;BlobEndpoint=http://127.0.0.1:1/x;', 'A=b;BlobEndpoint=http://host.docker.internal:1/x;'],
  ['GREETING', 'localhost', 'localhost'],
])('%s=%s is %s from a machine apart', (name, value, there) => {
  expect(fromContainer({ [name]: value }, 'forwarded')).toEqual({ [name]: there });
  expect(fromContainer({ [name]: value }, 'shared')).toEqual({ [name]: value });
});

it('files to log in with come along for the stores that there are', () => {
  const key = join(folder, 'key.json');
  writeFileSync(key, '{}');
  mkdirSync(join(folder, 'aws'));
  writeFileSync(join(folder, 'aws', 'credentials'), '');
  const env = {
    GOOGLE_APPLICATION_CREDENTIALS: key,
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'aws', 'credentials'),
    AWS_CONFIG_FILE: join(folder, 'aws', 'none'),
  };
  const stack = (artifactStore: object) => ({ name: 's', type: 'local' as const, artifactStore: artifactStore as never });
  expect(credentialFiles([stack({ type: 'local', path: 'x' })], env)).toEqual({ files: [], env: {} });
  expect(credentialFiles([stack({ type: 'gcs', bucket: 'b' }), stack({ type: 's3', bucket: 'b' })], env)).toEqual({
    files: [key, env.AWS_SHARED_CREDENTIALS_FILE],
    env: { GOOGLE_APPLICATION_CREDENTIALS: key, AWS_SHARED_CREDENTIALS_FILE: env.AWS_SHARED_CREDENTIALS_FILE },
  });
});
