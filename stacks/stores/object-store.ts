import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { writeFully } from '../../artifacts/chunks.ts';
import type { ArtifactStore, BlobId, ListedBlob, StoredBlob } from '../../artifacts/store.ts';
import { ArtifactCorrupt, FlowymlError, ServiceUnavailable } from '../../pipelines/errors.ts';
import { bodyOfBytes, withFile, withStream } from './body.ts';
import type { Body, FoundObject, ObjectClient } from './object-client.ts';
import { failureError, type StoreAction } from './store-failure.ts';

const SHA256 = /^[0-9a-f]{64}$/;
/** A download that breaks so many times in a row without a byte in between is given up. */
const MAX_STALLS = 5;
/** How often a put looks again where others write and remove the same blob at the same time. */
const MAX_LOOKS = 10;
/**
 * Nothing for so long is a connection that broke: a network that swallows everything says nothing, and Google's client does
 * not notice a connection that is reset in the middle of a download.
 */
const STALL_MS = 15_000;
/** Some stores tell times to the second only. */
const TIME_STEP_MS = 1000;

/**
 * An artifact store in a cloud's object storage: `<prefix>/sha256/ab/<hash>`. Bytes are hashed before they are uploaded, so
 * they go to their final key at once, under the condition that nobody else was faster; what is there already is only renewed.
 */
export class ObjectStore implements ArtifactStore {
  private readonly client: ObjectClient;
  private readonly stallMs: number;
  private seen = false;

  /** @param options.stallMs a download that stands still for so long is asked for again from there. Default: 15 s */
  constructor(client: ObjectClient, { stallMs = STALL_MS }: { stallMs?: number } = {}) {
    this.client = client;
    this.stallMs = stallMs;
  }

  async put(source: AsyncIterable<Uint8Array> | Uint8Array): Promise<StoredBlob> {
    return source instanceof Uint8Array ? this.keep(bodyOfBytes(source)) : withStream(source, (body) => this.keep(body));
  }

  async putFile(path: string): Promise<StoredBlob> {
    return withFile(path, (body) => this.keep(body));
  }

  async *open(blob: BlobId): AsyncGenerator<Uint8Array> {
    const key = keyOf(blob);
    const hash = createHash('sha256');
    if (!blob.size) {
      const found = await this.head(key);
      if (!found) return await this.missing(blob);
      this.checkSize(blob, found.size);
      return this.checkHash(blob, hash.digest('hex'));
    }
    let stalls = 0;
    for (let done = 0; done < blob.size; ) {
      const from = done;
      const found = await this.ask('read', () => this.client.download(key, from));
      if (!found) return await this.missing(blob);
      this.checkSize(blob, found.total);
      const chunks = found.stream[Symbol.asyncIterator]();
      let broken: unknown = new Error('the connection broke');
      try {
        while (done < blob.size) {
          const next = await within(this.stallMs, chunks.next()).catch((error: unknown) => {
            broken = error;
          });
          if (!next || next.done) break;
          const chunk: Uint8Array = next.value;
          done += chunk.length;
          hash.update(chunk);
          // More than was announced is no end either.
          if (done >= blob.size) this.checkHash(blob, hash.digest('hex'));
          yield chunk;
        }
      } finally {
        found.stream.destroy();
        // A connection that is broken off leaves its client's pool in the next turn: a request before would get it.
        await setImmediate();
      }
      // What broke on its way goes on where it ended: the clients retry requests, not answers.
      stalls = done > from ? 0 : stalls + 1;
      if (stalls >= MAX_STALLS) throw this.failure(broken, 'read');
    }
  }

  async has(blob: BlobId): Promise<boolean> {
    const found = await this.head(keyOf(blob));
    return found?.size === blob.size;
  }

  async renew(blob: BlobId): Promise<boolean> {
    const key = keyOf(blob);
    const found = await this.head(key);
    return isIntact(found, blob) && this.ask('write to', () => this.client.renew(key, found));
  }

  async copyTo(blob: BlobId, path: string): Promise<void> {
    const chunks = this.open(blob);
    const failed = (error: Error): never => {
      throw new ServiceUnavailable(`cannot copy an artifact to ${path}: ${error.message}`, { cause: error });
    };
    const file = await open(path, 'w').catch(failed);
    try {
      for await (const chunk of chunks) await writeFully(file, chunk).catch(failed);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  async *list(): AsyncGenerator<ListedBlob> {
    try {
      for await (const { key, size, modifiedAt } of this.client.list('sha256/')) {
        const sha256 = /^sha256\/[0-9a-f]{2}\/([0-9a-f]{64})$/.exec(key)?.[1];
        if (sha256) yield { sha256, size, modifiedAt };
      }
    } catch (error) {
      throw this.failure(error, 'list');
    }
  }

  async removeOld(sha256: string, before: Date): Promise<boolean> {
    const key = keyOf({ sha256 });
    const isOld = (modifiedAt: Date) => modifiedAt.getTime() + TIME_STEP_MS <= before.getTime();
    const found = await this.head(key);
    if (!found || !isOld(found.modifiedAt)) return false;
    return this.ask('delete from', () => this.client.remove(key, found, isOld));
  }

  /** Whether conditional writes, on which everything else relies, are obeyed. Leaves nothing. */
  async obeysConditions(probe: Uint8Array): Promise<boolean> {
    const body = bodyOfBytes(probe);
    const key = `check/${body.sha256}`;
    await this.ask('write to', () => this.client.upload(key, body, undefined));
    const again = await this.ask('write to', () => this.client.upload(key, body, undefined));
    const found = await this.ask('read', () => this.client.head(key));
    if (found) await this.ask('delete from', () => this.client.remove(key, found, () => true));
    return !again;
  }

  /** Uploads what is not there, renews what is; says where it stands. */
  private async keep(body: Body): Promise<StoredBlob> {
    const key = keyOf(body);
    let first: string | undefined;
    for (let look = 0; look < MAX_LOOKS; look++) {
      if (look > 1) await sleep(50 * look);
      const found = await this.ask('write to', () => this.client.head(key));
      const intact = isIntact(found, body);
      // Renewed or written by another since this put began: young enough.
      if (intact && first !== undefined && found.version !== first) return this.stored(body, key);
      const done = await this.ask('write to', () =>
        isIntact(found, body) ? this.client.renew(key, found) : this.client.upload(key, body, found),
      );
      if (done) return this.stored(body, key);
      first ??= found?.version ?? '';
    }
    throw new ServiceUnavailable(`artifact ${body.sha256} changes all the time in the store in ${this.client.where}`);
  }

  private stored({ sha256, size }: BlobId, key: string): StoredBlob {
    this.seen = true;
    return { sha256, size, uri: this.client.uriOf(key) };
  }

  private async head(key: string) {
    const found = await this.ask('read', () => this.client.head(key));
    if (!found) await this.expectContainer();
    return found;
  }

  /** Where an object is not there the bucket may be missing too, and not every store says which. */
  private async expectContainer(): Promise<void> {
    if (this.seen) return;
    await this.ask('read', async () => {
      for await (const _ of this.client.list('', 1)) break;
    });
    this.seen = true;
  }

  private async missing(blob: BlobId): Promise<never> {
    await this.expectContainer();
    throw new ArtifactCorrupt(`artifact ${blob.sha256} is missing from the store in ${this.client.where}`);
  }

  private checkSize(blob: BlobId, size: number): void {
    if (size === blob.size) return;
    throw new ArtifactCorrupt(`artifact ${blob.sha256} has ${size} bytes instead of ${blob.size} in the store in ${this.client.where}`);
  }

  private checkHash(blob: BlobId, sha256: string): void {
    if (sha256 === blob.sha256) return;
    throw new ArtifactCorrupt(
      `artifact ${blob.sha256} was changed in the store in ${this.client.where}: its bytes have the hash ${sha256}`,
    );
  }

  private async ask<T>(action: StoreAction, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw this.failure(error, action);
    }
  }

  private failure(error: unknown, action: StoreAction): unknown {
    if (error instanceof FlowymlError) return error;
    return failureError(this.client.explain(error, action), action, this.client.where);
  }
}

function keyOf({ sha256 }: Pick<BlobId, 'sha256'>): string {
  // Hashes come from references, which come from outside: none may lead to another key.
  if (!SHA256.test(sha256)) throw new ArtifactCorrupt(`'${sha256}' is not a SHA-256 hash in hex`);
  return `sha256/${sha256.slice(0, 2)}/${sha256}`;
}

/** An object without our note was put there by somebody else, so its bytes are not known: it has to be written again. */
const isIntact = (found: FoundObject | undefined, blob: BlobId): found is FoundObject =>
  found !== undefined && found.size === blob.size && found.sha256 === blob.sha256;

/** Fails where the promise takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const late = sleep(ms, undefined, { signal: waiting.signal }).then(() => {
    throw Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    waiting.abort();
    late.catch(() => undefined);
  }
}
