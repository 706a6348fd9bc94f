import {
  AccountSASPermissions,
  BlobServiceClient,
  generateAccountSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { AzureClient } from '../../../stacks/stores/azure.ts';
import { openStore } from '../../../stacks/stores/open-store.ts';
import { tempFolder, textOf } from '../../artifacts/helpers.ts';
import { lacks, startAzure } from '../../support/store-servers.ts';
import { expectUsage, failureOfPut, networkContract, storeContract } from './contract.ts';

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

  const specOf = (changes: object = {}) => ({
    type: 'azure' as const,
    container: 'artifacts',
    connectionString: server.connectionString(),
    ...changes,
  });

  networkContract(() => ({
    port: server.port,
    spec: (prefix, port) => specOf({ prefix, connectionString: server.connectionString(port) }),
    client: (name, port) => AzureClient.create(specOf({ connectionString: server.connectionString(port) }), `${name}/`),
  }));

  test('a container that is not there', async () => {
    const store = await openStore(specOf({ container: 'none' }), '/');
    await expectUsage(store, /'none' at http.*there is no such container/, /az storage container create --name none/);
    await expect(store.has({ sha256: 'a'.repeat(64), size: 1 })).rejects.toThrow(/there is no such container/);
  });

  test('a key that does not fit', async () => {
    const key = Buffer.from('hush-hush').toString('base64');
    const store = await openStore(specOf({ connectionString: server.connectionString(server.port, key) }), '/');
    await expectUsage(store, /key or signature does not fit.*\(AuthorizationFailure\)/, /correct connectionString/);
    expect((await failureOfPut(store)).message).not.toContain(key);
    await expect(openStore(specOf({ connectionString: `AccountKey=${key}` }), '/')).rejects.toThrow(/connectionString: expected/);
    await expect(openStore(specOf({ connectionString: `AccountKey=${key}` }), '/')).rejects.not.toThrow(key);
  });

  test('a signature that allows reading only', async () => {
    const sas = generateAccountSASQueryParameters(
      {
        expiresOn: new Date(Date.now() + 600_000),
        permissions: AccountSASPermissions.parse('rl'),
        services: 'b',
        resourceTypes: 'co',
        protocol: SASProtocol.HttpsAndHttp,
      },
      new StorageSharedKeyCredential(server.account, server.key),
    ).toString();
    const connectionString = `BlobEndpoint=${server.endpoint}/${server.account};SharedAccessSignature=${sas}`;
    const store = await openStore(specOf({ connectionString }), '/');
    await expectUsage(store, /the account may not write there \(Authorization\w+\)/, /Storage Blob Data Contributor/);
    expect((await failureOfPut(store)).message).not.toContain('sig=');
    const blob = await (await openStore(specOf(), '/')).put(Buffer.from('readable'));
    expect(await textOf(store.open(blob))).toBe('readable');
    expect((await (await openStore(specOf({ prefix: 'uri' }), '/')).put(Buffer.from('x'))).uri).not.toContain('?');
  });

  test('nobody is logged in', async () => {
    vi.stubEnv('AZURE_TOKEN_CREDENTIALS', 'AzureCliCredential');
    vi.stubEnv('PATH', tempFolder());
    try {
      const store = await openStore({ type: 'azure', container: 'artifacts', account: 'flowymltest' }, '/');
      await expectUsage(store, /'artifacts' at https:\/\/flowymltest.blob.core.windows.net.*no Azure credentials were found/, /az login/);
    } finally {
      vi.unstubAllEnvs();
    }
    await expect(openStore({ type: 'azure', container: 'artifacts' }, '/')).rejects.toThrow(/expected `account` or `connectionString`/);
  });
});
