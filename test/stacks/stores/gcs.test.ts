import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openStore } from '../../../stacks/stores/open-store.ts';
import { type GcsFront, gcsFront } from '../../support/gcs-front.ts';
import { lacks, type StoreServer, startGcs } from '../../support/store-servers.ts';
import { storeContract } from './contract.ts';

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
});
