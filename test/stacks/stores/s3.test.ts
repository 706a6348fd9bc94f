import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import { openStore } from '../../../stacks/stores/open-store.ts';
import { lacks, S3_ROOT, startS3 } from '../../support/store-servers.ts';
import { storeContract } from './contract.ts';

const missing = lacks('versitygw');

describe.skipIf(missing)(`Amazon S3${missing ? ` (${missing})` : ''}`, () => {
  let server: Awaited<ReturnType<typeof startS3>>;
  let raw: S3Client;
  beforeAll(async () => {
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
});
