import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe } from 'vitest';
import { openStore } from '../../../stacks/stores/open-store.ts';
import { lacks, startAzure } from '../../support/store-servers.ts';
import { storeContract } from './contract.ts';

const missing = lacks('azurite');

describe.skipIf(missing)(`Azure Blob Storage${missing ? ` (${missing})` : ''}`, () => {
  let server: Awaited<ReturnType<typeof startAzure>>;
  let raw: BlobServiceClient;
  beforeAll(async () => {
    server = await startAzure();
    raw = BlobServiceClient.fromConnectionString(server.connectionString());
    await raw.createContainer('artifacts');
  });
  afterAll(async () => {
    await server?.stop();
  });

  storeContract(() => ({
    store: (name) => openStore({ type: 'azure', container: 'artifacts', prefix: name, connectionString: server.connectionString() }, '/'),
    plant: async (name, { sha256 }, bytes) => {
      const blob = raw.getContainerClient('artifacts').getBlockBlobClient(`${name}/sha256/${sha256.slice(0, 2)}/${sha256}`);
      await blob.upload(bytes, bytes.length);
    },
    uri: /^http:\/\/127\.0\.0\.1:\d+\/devstoreaccount1\/artifacts\//,
  }));
});
