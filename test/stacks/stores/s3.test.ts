import { join } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ObjectStore } from '../../../stacks/stores/object-store.ts';
import { openStore } from '../../../stacks/stores/open-store.ts';
import { S3Objects } from '../../../stacks/stores/s3.ts';
import { tempFolder } from '../../artifacts/helpers.ts';
import { lacks, S3_ROOT, startS3 } from '../../support/store-servers.ts';
import { expectUsage, failureOfPut, networkContract, storeContract } from './contract.ts';

const missing = lacks('versitygw');

describe.skipIf(missing)(`Amazon S3${missing ? ` (${missing})` : ''}`, () => {
  let server: Awaited<ReturnType<typeof startS3>>;
  let raw: S3Client;
  beforeAll(async () => {
    // As openStore does before it loads the client.
    vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');
    server = await startS3();
    raw = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: S3_ROOT });
    await raw.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
    vi.stubEnv('AWS_ACCESS_KEY_ID', S3_ROOT.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', S3_ROOT.secretAccessKey);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    raw?.destroy();
    await server?.stop();
  });

  storeContract(() => ({
    store: (name) => openStore({ type: 's3', bucket: 'artifacts', prefix: name, endpoint: server.endpoint, forcePathStyle: true }, '/'),
    plant: async (name, { sha256 }, bytes) => {
      const Key = `${name}/sha256/${sha256.slice(0, 2)}/${sha256}`;
      await raw.send(new PutObjectCommand({ Bucket: 'artifacts', Key, Body: bytes }));
    },
    uri: /^s3:\/\/artifacts\//,
  }));

  const specOf = (changes: object = {}) => ({
    type: 's3' as const,
    bucket: 'artifacts',
    endpoint: server.endpoint,
    forcePathStyle: true,
    ...changes,
  });

  networkContract(() => ({
    port: server.port,
    spec: (prefix, port = server.port) => specOf({ prefix, endpoint: `http://127.0.0.1:${port}` }),
    client: async (name, port = server.port) => new S3Objects(specOf({ endpoint: `http://127.0.0.1:${port}` }), `${name}/`),
  }));

  test('a removal that died holds up a put for a while, and no longer', async () => {
    const store = new ObjectStore(new S3Objects(specOf(), 'dead/', 300));
    const blob = await store.put(Buffer.from('dead'));
    const mark = `dead/removing/${blob.sha256.slice(0, 2)}/${blob.sha256}`;
    const marks = async () => (await raw.send(new ListObjectsV2Command({ Bucket: 'artifacts', Prefix: 'dead/removing/' }))).KeyCount;
    await raw.send(new PutObjectCommand({ Bucket: 'artifacts', Key: mark, Body: 'somebody' }));
    expect(await store.removeOld(blob.sha256, new Date(Date.now() + 60_000))).toBe(false);
    expect(await marks()).toBe(1);
    await store.put(Buffer.from('dead'));
    expect(await marks()).toBe(0);
    expect(await store.removeOld(blob.sha256, new Date(Date.now() + 60_000))).toBe(true);
    expect(await marks()).toBe(0);
  });

  test('a bucket that is not there', async () => {
    const store = await openStore(specOf({ bucket: 'none' }), '/');
    await expectUsage(store, /'none' at http.*there is no such bucket/, /aws s3 mb s3:\/\/none/);
    await expect(store.has({ sha256: 'a'.repeat(64), size: 1 })).rejects.toThrow(/there is no such bucket/);
  });

  test.each([
    ['a key that is not known', { AWS_ACCESS_KEY_ID: 'nobody' }, /access key is not known/, /aws configure/],
    ['a secret that does not fit', { AWS_SECRET_ACCESS_KEY: 'hush-hush' }, /secret key does not fit/, /aws configure/],
    [
      'another account',
      { AWS_ACCESS_KEY_ID: 'stranger', AWS_SECRET_ACCESS_KEY: 'stranger-secret' },
      /it needs s3:/,
      /arn:aws:s3:::artifacts\/\*/,
    ],
  ])('%s', async (_, env, problem, remedy) => {
    await server.admin('create-user', '--access', 'stranger', '--secret', 'stranger-secret', '--role', 'user').catch(() => undefined);
    const before = { ...process.env };
    Object.assign(process.env, env);
    try {
      const store = await openStore(specOf(), '/');
      await expectUsage(store, problem, remedy);
      expect((await failureOfPut(store)).message).not.toMatch(/hush-hush|-secret|Signature=/);
    } finally {
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: before.AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: before.AWS_SECRET_ACCESS_KEY });
    }
  });

  test('no credentials, and no region', async () => {
    const before = { ...process.env };
    const folder = tempFolder();
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION'])
      delete process.env[name];
    Object.assign(process.env, {
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    try {
      await expectUsage(await openStore(specOf(), '/'), /no AWS credentials were found/, /aws configure.*AWS_PROFILE/);
      await expectUsage(await openStore({ type: 's3', bucket: 'artifacts' }, '/'), /no region is named/, /AWS_REGION/);
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });
});
