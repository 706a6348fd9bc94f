import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ArtifactStoreSpec } from '../../pipelines/stack-spec.ts';
import type { Body, FoundObject, ListedObject, ObjectClient } from './object-client.ts';
import { codeOf, explainS3, ifRefused, statusOf } from './s3-failures.ts';
import { type Marker, S3Removal } from './s3-removal.ts';
import type { StoreAction } from './store-failure.ts';

const MIB = 1024 * 1024;
/** Up to here in one request; beyond, in parts of this size, `PARTS_AT_ONCE` of which are in memory. */
const PART = 8 * MIB;
const PARTS_AT_ONCE = 3;
const MAX_PARTS = 10_000;

type S3Spec = Extract<ArtifactStoreSpec, { type: 's3' }>;

/** Amazon S3, or what speaks its language and obeys If-None-Match. Credentials come from AWS's own chain: variables, profiles, roles. */
export class S3Objects implements ObjectClient {
  readonly where: string;
  private readonly s3: S3Client;
  /** Repeats nothing: a removal that arrives late could take what was written since. */
  private readonly once: S3Client;
  private readonly spec: S3Spec;
  private readonly prefix: string;
  private readonly removal: S3Removal;

  /** @param removalMs how long a removal may take at most; put waits twice as long for one that died */
  constructor(spec: S3Spec, prefix: string, removalMs = 30_000) {
    this.spec = spec;
    this.prefix = prefix;
    this.where = `the bucket '${spec.bucket}' at ${spec.endpoint ?? 'Amazon S3'}`;
    const config: S3ClientConfig = {
      ...(spec.endpoint === undefined ? {} : { endpoint: spec.endpoint }),
      ...regionOf(spec),
      ...(spec.forcePathStyle === undefined ? {} : { forcePathStyle: spec.forcePathStyle }),
      followRegionRedirects: true,
      retryMode: 'standard',
      maxAttempts: 5,
      requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
    };
    this.s3 = new S3Client(config);
    this.once = new S3Client({ ...config, maxAttempts: 1 });
    this.removal = new S3Removal(this, removalMs);
  }

  uriOf(key: string): string {
    return `s3://${this.spec.bucket}/${this.prefix}${key}`;
  }

  async head(key: string): Promise<FoundObject | undefined> {
    const found = await this.s3.send(new HeadObjectCommand(this.at(key))).catch(async (error: unknown) => {
      if (statusOf(error) === 404) return undefined;
      // An answer to HEAD has no body, so no reason: the same question in another form has one.
      if (statusOf(error) === 403 || statusOf(error) === 400) for await (const _ of this.list('', 1)) break;
      throw error;
    });
    if (!found) return undefined;
    const modifiedAt = found.LastModified ?? new Date(0);
    return {
      size: found.ContentLength ?? 0,
      modifiedAt,
      sha256: found.Metadata?.sha256,
      version: `${found.ETag}`,
    };
  }

  async upload(key: string, body: Body, found: FoundObject | undefined): Promise<boolean> {
    const written = await this.write(key, body, found ? {} : { IfNoneMatch: '*' });
    // What was there and is replaced may be about to be removed.
    return written && found ? this.renew(key) : written;
  }

  async download(key: string, start: number) {
    const range = start ? { Range: `bytes=${start}-` } : {};
    const found = await this.s3.send(new GetObjectCommand({ ...this.at(key), ...range })).catch((error: unknown) => {
      if (codeOf(error) === 'NoSuchKey') return undefined;
      throw error;
    });
    if (!found) return undefined;
    const total = /\/(\d+)$/.exec(found.ContentRange ?? '')?.[1] ?? found.ContentLength;
    return { total: Number(total), stream: found.Body as Readable };
  }

  renew(key: string): Promise<boolean> {
    return this.removal.renew(key);
  }

  remove(key: string, _found: FoundObject, isOld: (modifiedAt: Date) => boolean): Promise<boolean> {
    return this.removal.remove(key, isOld);
  }

  async *list(keyPrefix: string, pageSize?: number): AsyncGenerator<ListedObject> {
    if (keyPrefix === 'sha256/') yield* this.removal.withNotes(this.pages(keyPrefix, pageSize));
    else yield* this.pages(keyPrefix, pageSize);
  }

  async *pages(keyPrefix: string, pageSize = 1000): AsyncGenerator<ListedObject> {
    let token: string | undefined;
    do {
      const page = await this.s3.send(
        new ListObjectsV2Command({
          Bucket: this.spec.bucket,
          Prefix: this.prefix + keyPrefix,
          MaxKeys: pageSize,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      for (const { Key = '', Size = 0, LastModified = new Date(0) } of page.Contents ?? [])
        yield { key: Key.slice(this.prefix.length), size: Size, modifiedAt: LastModified };
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  explain(error: unknown, action: StoreAction) {
    return explainS3(error, action, this.spec);
  }

  /** A small object of ours. `replaces`: what must stand there now; '*' for nothing. Undefined if something else does. */
  async writeNote(key: string, text: string, replaces?: string): Promise<Marker | undefined> {
    const condition = replaces === undefined ? {} : replaces === '*' ? { IfNoneMatch: '*' } : { IfMatch: replaces };
    const written = await this.once.send(new PutObjectCommand({ ...this.at(key), Body: text, ...condition })).catch(ifRefused);
    return written && { version: `${written.ETag}` };
  }

  /** Asked for once, and given up when the signal says so. */
  async deleteOnce(key: string, abortSignal?: AbortSignal): Promise<void> {
    await this.once.send(new DeleteObjectCommand(this.at(key)), abortSignal ? { abortSignal } : {});
  }

  private async write(key: string, body: Body, condition: { IfNoneMatch?: '*' }): Promise<boolean> {
    const params = {
      ...this.at(key),
      ...condition,
      ContentType: 'application/octet-stream',
      Metadata: { sha256: body.sha256 },
    };
    if (body.bytes && body.size <= PART) {
      const ChecksumSHA256 = Buffer.from(body.sha256, 'hex').toString('base64');
      return (await this.s3.send(new PutObjectCommand({ ...params, Body: body.bytes, ChecksumSHA256 })).catch(ifRefused)) !== undefined;
    }
    const upload = new Upload({
      client: this.s3,
      params: { ...params, Body: body.stream(), ContentLength: body.size, ChecksumAlgorithm: 'SHA256' },
      partSize: Math.max(PART, Math.ceil(body.size / MAX_PARTS)),
      queueSize: PARTS_AT_ONCE,
    });
    return (await upload.done().catch(ifRefused)) !== undefined;
  }

  private at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.spec.bucket, Key: this.prefix + key };
  }
}

/** Other makers' servers mostly care for no region, but the signature names one. */
function regionOf({ region, endpoint }: S3Spec): { region?: string } {
  if (region !== undefined) return { region };
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const known = AWS_REGION ?? AWS_DEFAULT_REGION;
  if (known) return { region: known };
  return endpoint === undefined ? {} : { region: 'us-east-1' };
}
