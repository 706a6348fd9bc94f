import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type File, type FileMetadata, Storage } from '@google-cloud/storage';
import type { ArtifactStoreSpec } from '../../pipelines/stack-spec.ts';
import { explainGcs, statusOf } from './gcs-failures.ts';
import type { Body, FoundObject, ListedObject, ObjectClient } from './object-client.ts';
import type { StoreAction } from './store-failure.ts';

const MIB = 1024 * 1024;
/** Up to here in one request; beyond, a resumable upload in chunks of this size, one of which is in memory. */
const CHUNK = 8 * MIB;
const PUBLIC = 'https://storage.googleapis.com';

type GcsSpec = Extract<ArtifactStoreSpec, { type: 'gcs' }>;

/** Google Cloud Storage. Credentials are Application Default Credentials; a plain http endpoint (an emulator) needs none. */
export class GcsClient implements ObjectClient {
  readonly where: string;
  private readonly storage: Storage;
  private readonly bucket: string;
  private readonly prefix: string;
  private readonly endpoint: string;
  private readonly isOpen: boolean;

  constructor({ bucket, endpoint, projectId }: GcsSpec, prefix: string) {
    this.bucket = bucket;
    this.prefix = prefix;
    this.endpoint = endpoint ?? PUBLIC;
    this.where = `the bucket '${bucket}' at ${this.endpoint}`;
    this.isOpen = this.endpoint.startsWith('http:');
    this.storage = new Storage({
      ...(projectId === undefined ? {} : { projectId }),
      ...(endpoint === undefined ? {} : { apiEndpoint: endpoint, useAuthWithCustomEndpoint: !this.isOpen }),
      timeout: 60_000,
      retryOptions: { maxRetries: 3, totalTimeout: 60, maxRetryDelay: 8 },
    });
  }

  uriOf(key: string): string {
    return `gs://${this.bucket}/${this.prefix}${key}`;
  }

  async head(key: string): Promise<FoundObject | undefined> {
    await this.login();
    const [found] = await this.file(key)
      .getMetadata()
      .catch(ifStatus<[FileMetadata | undefined]>(404, [undefined]));
    if (!found) return undefined;
    const { size, updated, metadata, generation, metageneration } = found;
    const sha256 = metadata?.sha256;
    return {
      size: Number(size),
      modifiedAt: new Date(updated ?? 0),
      sha256: typeof sha256 === 'string' ? sha256 : undefined,
      version: `${generation}/${metageneration}`,
    };
  }

  async upload(key: string, body: Body, found: FoundObject | undefined): Promise<boolean> {
    const options = {
      preconditionOpts: { ifGenerationMatch: found ? generationOf(found) : 0 },
      contentType: 'application/octet-stream',
      validation: false,
    };
    const file = this.file(key);
    const md5Hash = await md5Of(body);
    // Google compares it before the object exists. The client's own CRC32C, written in JavaScript, would be the slowest part.
    const metadata = { metadata: { sha256: body.sha256 }, md5Hash };
    const uploading =
      body.bytes && body.size <= CHUNK
        ? file.save(Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.size), { ...options, metadata, resumable: false })
        : pipeline(body.stream(), file.createWriteStream({ ...options, metadata, resumable: true, chunkSize: CHUNK }));
    return uploading.then(() => confirm(file, md5Hash)).catch(ifStatus(412, false));
  }

  async download(key: string, start: number) {
    await this.login();
    const stream = this.file(key).createReadStream({ validation: false, decompress: false, ...(start ? { start } : {}) });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      stream.once('error', reject);
      // Of a refusal the error tells more.
      stream.once('response', (answer: IncomingMessage) => (answer.statusCode ?? 0) < 400 && resolve(answer));
      // It asks for nothing before somebody reads.
      stream.read(0);
    }).catch(ifStatus(404, undefined));
    if (!response) return undefined;
    const range = /\/(\d+)$/.exec(response.headers['content-range'] ?? '')?.[1];
    return { total: Number(range ?? response.headers['content-length']), stream };
  }

  /** A change of the metadata makes `updated` new, whatever the size, and no other version of the bytes. */
  async renew(key: string, found: FoundObject): Promise<boolean> {
    const [ifGenerationMatch, ifMetagenerationMatch] = found.version.split('/') as [string, string];
    return this.file(key)
      .setMetadata({ metadata: { kept: new Date().toISOString() } }, { ifGenerationMatch, ifMetagenerationMatch })
      .then(() => true)
      .catch(ifStatus(404, false))
      .catch(ifStatus(412, false));
  }

  async remove(key: string, found: FoundObject): Promise<boolean> {
    const [ifGenerationMatch, ifMetagenerationMatch] = found.version.split('/') as [string, string];
    return this.file(key)
      .delete({ ifGenerationMatch, ifMetagenerationMatch })
      .then(() => true)
      .catch(ifStatus(404, false))
      .catch(ifStatus(412, false));
  }

  async *list(keyPrefix: string, pageSize?: number): AsyncGenerator<ListedObject> {
    await this.login();
    const prefix = this.prefix + keyPrefix;
    let query: object | null = { prefix, autoPaginate: false, maxResults: pageSize ?? 1000 };
    while (query) {
      const [files, next]: [File[], object | null, ...unknown[]] = await this.storage.bucket(this.bucket).getFiles(query);
      for (const { name, metadata } of files)
        yield { key: name.slice(this.prefix.length), size: Number(metadata.size), modifiedAt: new Date(metadata.updated ?? 0) };
      query = next;
    }
  }

  explain(error: unknown, action: StoreAction) {
    return explainGcs(error, action, this.bucket, this.endpoint);
  }

  /** Else the client asks without credentials, as one may of public objects, and says no more than what comes of that. */
  private async login(): Promise<void> {
    if (!this.isOpen) await this.storage.authClient.getClient();
  }

  private file(key: string): File {
    return this.storage.bucket(this.bucket).file(this.prefix + key);
  }
}

async function md5Of(body: Body): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of body.bytes ? [body.bytes] : body.stream()) hash.update(chunk as Uint8Array);
  return hash.digest('base64');
}

/** Not every server compares. What it says it has must not stay where it is something else. */
async function confirm(file: File, md5: string): Promise<true> {
  const { md5Hash = md5, generation } = file.metadata;
  if (md5Hash === md5) return true;
  await file.delete({ ifGenerationMatch: generation });
  throw Object.assign(new Error(`the MD5 is ${md5Hash} instead of ${md5}`), { code: 400 });
}

const generationOf = ({ version }: FoundObject): string => version.split('/', 1)[0] ?? '';

/** For `catch`: the value given where the service answers with that status. */
function ifStatus<T>(status: number, value: T): (error: unknown) => T {
  return (error) => {
    if (statusOf(error) === status) return value;
    throw error;
  };
}
