import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { BlobServiceClient, type BlockBlobClient, type ContainerClient, type StoragePipelineOptions } from '@azure/storage-blob';
import { UsageError } from '../../pipelines/errors.ts';
import type { ArtifactStoreSpec } from '../../pipelines/stack-spec.ts';
import { explainAzure, ifCode } from './azure-failures.ts';
import type { Body, FoundObject, ListedObject, ObjectClient } from './object-client.ts';
import type { StoreAction } from './store-failure.ts';

const MIB = 1024 * 1024;
/** What is sent at once; `BLOCKS_AT_ONCE` of them are in memory. */
const BLOCK = 8 * MIB;
const BLOCKS_AT_ONCE = 3;
const MAX_BLOCKS = 50_000;
const OPTIONS: StoragePipelineOptions = {
  retryOptions: { maxTries: 5, retryDelayInMs: 500, maxRetryDelayInMs: 8000, tryTimeoutInMs: 60_000 },
};
const GONE = ['BlobNotFound', 'ContainerNotFound'];
const TAKEN = ['BlobAlreadyExists', 'ConditionNotMet', 'TargetConditionNotMet', 'InvalidBlockList'];

type AzureSpec = Extract<ArtifactStoreSpec, { type: 'azure' }>;

/** Azure Blob Storage. Credentials: the connection string (a key or a SAS in it), else Azure's default chain, `az login` among it. */
export class AzureClient implements ObjectClient {
  readonly where: string;
  private readonly container: ContainerClient;
  private readonly prefix: string;
  private readonly spec: AzureSpec;
  private readonly endpoint: string;

  private constructor(spec: AzureSpec, prefix: string, service: BlobServiceClient) {
    this.spec = spec;
    this.prefix = prefix;
    this.container = service.getContainerClient(spec.container);
    // Without the query, where a SAS stands.
    this.endpoint = service.url.replace(/\?.*$/, '').replace(/\/$/, '');
    this.where = `the container '${spec.container}' at ${this.endpoint}`;
  }

  static async create(spec: AzureSpec, prefix: string): Promise<AzureClient> {
    const { account, connectionString, endpoint } = spec;
    if (connectionString !== undefined) return new AzureClient(spec, prefix, fromConnectionString(connectionString));
    if (account === undefined && endpoint === undefined)
      throw new UsageError('artifact store: azure: expected `account` or `connectionString`, to say whose container it is');
    const { DefaultAzureCredential } = await import('@azure/identity');
    const url = endpoint ?? `https://${account}.blob.core.windows.net`;
    return new AzureClient(spec, prefix, new BlobServiceClient(url, new DefaultAzureCredential(), OPTIONS));
  }

  uriOf(key: string): string {
    return `${this.endpoint}/${this.spec.container}/${this.prefix}${key}`;
  }

  async head(key: string): Promise<FoundObject | undefined> {
    const found = await this.blob(key)
      .getProperties()
      .catch(ifCode(['BlobNotFound'], undefined));
    if (!found) return undefined;
    const { contentLength = 0, lastModified = new Date(0), metadata, etag } = found;
    return { size: contentLength, modifiedAt: lastModified, sha256: metadata?.sha256, version: `${etag}` };
  }

  async upload(key: string, body: Body, found: FoundObject | undefined): Promise<boolean> {
    const blob = this.blob(key);
    const options = {
      conditions: found ? { ifMatch: found.version } : { ifNoneMatch: '*' },
      metadata: { sha256: body.sha256 },
      blobHTTPHeaders: { blobContentType: 'application/octet-stream' },
    };
    return this.stage(blob, body)
      .then((blocks) => blob.commitBlockList(blocks, options))
      .then(() => true)
      .catch(ifCode([...TAKEN, 'BlobNotFound'], false));
  }

  async download(key: string, start: number) {
    const found = await this.blob(key)
      .download(start)
      .catch(ifCode(['BlobNotFound'], undefined));
    if (!found) return undefined;
    const total = /\/(\d+)$/.exec(found.contentRange ?? '')?.[1] ?? found.contentLength;
    return { total: Number(total), stream: found.readableStreamBody as Readable };
  }

  /** New metadata makes a new Last-Modified and ETag, whatever the size. */
  async renew(key: string, found: FoundObject): Promise<boolean> {
    const metadata = { ...(found.sha256 === undefined ? {} : { sha256: found.sha256 }), kept: new Date().toISOString() };
    return this.blob(key)
      .setMetadata(metadata, { conditions: { ifMatch: found.version } })
      .then(() => true)
      .catch(ifCode([...GONE, ...TAKEN], false));
  }

  async remove(key: string, found: FoundObject): Promise<boolean> {
    return this.blob(key)
      .delete({ conditions: { ifMatch: found.version } })
      .then(() => true)
      .catch(ifCode([...GONE, ...TAKEN], false));
  }

  async *list(keyPrefix: string, pageSize = 1000): AsyncGenerator<ListedObject> {
    const pages = this.container.listBlobsFlat({ prefix: this.prefix + keyPrefix }).byPage({ maxPageSize: pageSize });
    for await (const { segment } of pages) {
      for (const { name, properties } of segment.blobItems)
        yield { key: name.slice(this.prefix.length), size: properties.contentLength ?? 0, modifiedAt: properties.lastModified };
    }
  }

  explain(error: unknown, action: StoreAction) {
    return explainAzure(error, action, this.spec, this.endpoint);
  }

  /**
   * Sends the blocks, each with its MD5: the client's own upload and uploadStream send none. Their names are this upload's own, since
   * all that upload the same blob share one list of uncommitted blocks.
   */
  private async stage(blob: BlockBlobClient, body: Body): Promise<string[]> {
    const size = Math.max(BLOCK, Math.ceil(body.size / MAX_BLOCKS));
    const id = randomUUID();
    const names: string[] = [];
    const blocks = blocksOf(body.stream(), size);
    const sendAll = async () => {
      for await (const block of blocks) {
        const name = Buffer.from(`${id}-${String(names.length).padStart(6, '0')}`).toString('base64');
        names.push(name);
        await blob.stageBlock(name, block, block.length, { transactionalContentMD5: md5(block) });
      }
    };
    // A generator hands its blocks out one by one, to whoever asks next.
    await Promise.all(Array.from({ length: BLOCKS_AT_ONCE }, sendAll));
    return names;
  }

  private blob(key: string): BlockBlobClient {
    return this.container.getBlockBlobClient(this.prefix + key);
  }
}

function fromConnectionString(text: string): BlobServiceClient {
  try {
    return BlobServiceClient.fromConnectionString(text, OPTIONS);
  } catch {
    // What the client says of it may hold a part of the key.
    throw new UsageError(
      'artifact store: azure: connectionString: expected DefaultEndpointsProtocol=…;AccountName=…;AccountKey=…, or BlobEndpoint=…;SharedAccessSignature=…',
    );
  }
}

async function* blocksOf(stream: Readable, size: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + size - length);
      parts.push(part);
      at += part.length;
      length += part.length;
      if (length < size) continue;
      yield Buffer.concat(parts, length);
      parts = [];
      length = 0;
    }
  }
  if (length) yield Buffer.concat(parts, length);
}

const md5 = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();
