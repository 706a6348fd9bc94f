import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { copyHashed, gathered, writeFully } from '../../artifacts/chunks.ts';
import { sha256OfBytes } from '../../artifacts/hash.ts';
import { ServiceUnavailable, StepError } from '../../pipelines/errors.ts';
import type { Body } from './object-client.ts';

/** A stream up to this size stays in memory. Bytes. */
export const MEMORY_LIMIT = 8 * 1024 * 1024;
const SLICE = 1024 * 1024;

/** Bytes that are in memory already. */
export const bodyOfBytes = (bytes: Uint8Array): Body => ({
  sha256: sha256OfBytes(bytes),
  size: bytes.length,
  bytes,
  stream: () => Readable.from(slices(bytes), { objectMode: false }),
});

/** A file of somebody else's: hashed first, and again while it is uploaded, since it may change in between. */
export async function withFile<T>(path: string, use: (body: Body) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    return await use(bodyOfFile(file, await copyHashed(file), path));
  } finally {
    await file.close();
  }
}

/**
 * A stream's bytes with their hash. It is known only at the end, so what is larger than `MEMORY_LIMIT` goes to a temporary
 * file first, in `os.tmpdir()`. The other way, to a temporary object that the store then copies, leaves such objects behind
 * after a crash, sends what is there already, cannot be repeated from the start when a connection breaks, and ends at 5 GiB
 * on S3. The file costs one pass over a local disk; it has no name, so that a crash leaves nothing.
 */
export async function withStream<T>(source: AsyncIterable<Uint8Array>, use: (body: Body) => Promise<T>): Promise<T> {
  const hash = createHash('sha256');
  let kept: Buffer[] = [];
  let size = 0;
  let file: FileHandle | undefined;
  try {
    for await (const chunk of gathered(source)) {
      hash.update(chunk);
      size += chunk.length;
      if (!file && size <= MEMORY_LIMIT) {
        kept.push(Buffer.from(chunk));
        continue;
      }
      file ??= await spoolFile();
      for (const each of [...kept, chunk]) await writeFully(file, each).catch(cannotSpool);
      kept = [];
    }
    const blob = { sha256: hash.digest('hex'), size };
    if (file) return await use(bodyOfFile(file, blob, 'the temporary file'));
    const bytes = Buffer.concat(kept, size);
    return await use({ ...blob, bytes, stream: () => Readable.from(slices(bytes), { objectMode: false }) });
  } finally {
    await file?.close();
  }
}

async function spoolFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `flowyml-upload-${process.pid}-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600).catch(cannotSpool);
  await unlink(path).catch(() => undefined);
  return file;
}

const cannotSpool = (error: Error): never => {
  throw new ServiceUnavailable(`cannot keep an upload in ${tmpdir()}: ${error.message}; TMPDIR names another folder`, { cause: error });
};

function bodyOfFile(file: FileHandle, blob: { sha256: string; size: number }, path: string): Body {
  return {
    ...blob,
    // The last chunk is held back until the hash is checked: other bytes never make a whole upload.
    stream: () => Readable.from(unchanged(file, blob, path), { objectMode: false, highWaterMark: SLICE }),
  };
}

async function* unchanged(file: FileHandle, blob: { sha256: string; size: number }, path: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for (let done = 0; done < blob.size; ) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(SLICE, blob.size - done));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, done);
    hash.update(buffer.subarray(0, bytesRead));
    done += bytesRead;
    if (!bytesRead || (done === blob.size && hash.digest('hex') !== blob.sha256))
      throw new StepError(`${path} changed while it was being stored`);
    yield buffer.subarray(0, bytesRead);
  }
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE) yield bytes.subarray(at, at + SLICE);
}
