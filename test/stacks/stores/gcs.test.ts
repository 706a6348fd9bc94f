import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { GcsClient } from '../../../stacks/stores/gcs.ts';
import { openStore } from '../../../stacks/stores/open-store.ts';
import { tempFolder } from '../../artifacts/helpers.ts';
import { type GcsFront, gcsFront } from '../../support/gcs-front.ts';
import { lacks, type StoreServer, startGcs } from '../../support/store-servers.ts';
import { expectUsage, networkContract, storeContract } from './contract.ts';

const missing = lacks('fake-gcs-server');

describe.skipIf(missing)(`Google Cloud Storage${missing ? ` (${missing})` : ''}`, () => {
  let server: StoreServer;
  let front: GcsFront;
  beforeAll(async () => {
    server = await startGcs();
    front = await gcsFront(server.port);
    await fetch(`${server.endpoint}/storage/v1/b?project=test`, { method: 'POST', body: JSON.stringify({ name: 'artifacts' }) });
  });
  afterAll(async () => {
    await front?.close();
    await server?.stop();
  });

  storeContract(() => ({
    store: (name) => openStore({ type: 'gcs', bucket: 'artifacts', prefix: name, endpoint: front.endpoint }, '/'),
    plant: async (name, { sha256 }, bytes) => {
      const key = `${name}/sha256/${sha256.slice(0, 2)}/${sha256}`;
      const url = `${server.endpoint}/upload/storage/v1/b/artifacts/o?uploadType=media&name=${encodeURIComponent(key)}`;
      expect((await fetch(url, { method: 'POST', body: Buffer.from(bytes) })).status).toBe(200);
    },
    uri: /^gs:\/\/artifacts\//,
  }));

  networkContract(() => {
    const specOf = (prefix: string, port: number) => ({
      type: 'gcs' as const,
      bucket: 'artifacts',
      prefix,
      endpoint: `http://127.0.0.1:${port}`,
    });
    return {
      port: front.port,
      spec: (name, port = front.port) => specOf(name, port),
      client: async (name, port = front.port) => new GcsClient(specOf(name, port), `${name}/`),
    };
  });

  test('a bucket that is not there', async () => {
    const store = await openStore({ type: 'gcs', bucket: 'none', endpoint: front.endpoint }, '/');
    await expectUsage(store, /'none' at http.*there is no such bucket/, /gcloud storage buckets create gs:\/\/none/);
    await expect(store.has({ sha256: 'a'.repeat(64), size: 1 })).rejects.toThrow(/there is no such bucket/);
  });

  test.each([
    ['may not write', 'POST /upload', 403, /it needs storage.objects.create/, /--role=roles\/storage.objectAdmin/],
    ['may not read', 'GET /storage/v1/b/artifacts/o/', 403, /it needs storage.objects/, /add-iam-policy-binding gs:\/\/artifacts/],
    ['is not known', 'GET /storage', 401, /does not accept the credentials/, /gcloud auth application-default login/],
  ])('an account that %s', async (_, request, status, problem, remedy) => {
    const refusing = await gcsFront(server.port);
    try {
      refusing.refuse(new RegExp(`^${request}`), status, 'someone@example.com does not have access.');
      await expectUsage(await openStore({ type: 'gcs', bucket: 'artifacts', endpoint: refusing.endpoint }, '/'), problem, remedy);
    } finally {
      await refusing.close();
    }
  });

  test('no credentials at all', async () => {
    // Neither Google's own machines nor this one's user count.
    vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
    vi.stubEnv('CLOUDSDK_CONFIG', tempFolder());
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
    try {
      const spec = { type: 'gcs' as const, bucket: 'artifacts' };
      await expectUsage(await openStore(spec, '/'), /no valid Google credentials/, /gcloud auth application-default login/);
      vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '/none/key.json');
      await expectUsage(await openStore(spec, '/'), /no valid Google credentials.*none.key\.json/, /GOOGLE_APPLICATION_CREDENTIALS/);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
