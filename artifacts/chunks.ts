import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { BlobId } from './store.ts';

/** Bytes read or written at once: large enough for the disk's speed, small enough not to count. */
export const CHUNK_SIZE = 256 * 1024;

/** All of a stream in one piece. `size` is a hint (bytes). */
export async function collect(stream: AsyncIterable<Uint8Array>, size = 0): Promise<Uint8Array> {
  let whole = new Uint8Array(size);
  let length = 0;
  for await (const chunk of stream) {
    if (length + chunk.length > whole.length) {
      const larger = new Uint8Array(Math.max(length + chunk.length, 2 * whole.length));
      larger.set(whole.subarray(0, length));
      whole = larger;
    }
    whole.set(chunk, length);
    length += chunk.length;
  }
  return whole.subarray(0, length);
}

/** Writes all of the chunk at the file's position; one write may take only a part. */
export async function writeFully(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let done = 0;
  while (done < chunk.length) done += (await file.write(chunk, done, chunk.length - done)).bytesWritten;
}

/**
 * Small chunks gathered to about `CHUNK_SIZE`, so that a stream of tiny ones is not a stream of tiny writes.
 * A gathered chunk is valid only until the next one is asked for.
 */
export async function* gathered(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(CHUNK_SIZE);
  let filled = 0;
  for await (const chunk of source) {
    if (filled + chunk.length > CHUNK_SIZE && filled) {
      yield buffer.subarray(0, filled);
      filled = 0;
    }
    if (chunk.length >= CHUNK_SIZE / 4) {
      if (filled) yield buffer.subarray(0, filled);
      filled = 0;
      yield chunk;
    } else {
      buffer.set(chunk, filled);
      filled += chunk.length;
    }
  }
  if (filled) yield buffer.subarray(0, filled);
}

/** Writes the stream to the file and hashes it; hashing and writing overlap. */
export async function writeHashed(source: AsyncIterable<Uint8Array>, to: FileHandle): Promise<BlobId> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of gathered(source)) {
    const writing = writeFully(to, chunk);
    hash.update(chunk);
    size += chunk.length;
    await writing;
  }
  return { sha256: hash.digest('hex'), size };
}

/** Hashes a file, and copies it to another where one is given. Reading, hashing and writing overlap, in two buffers. */
export async function copyHashed(from: FileHandle, to?: FileHandle): Promise<BlobId> {
  const hash = createHash('sha256');
  let [current, other] = [Buffer.allocUnsafeSlow(4 * CHUNK_SIZE), Buffer.allocUnsafeSlow(4 * CHUNK_SIZE)];
  let size = 0;
  let { bytesRead } = await from.read(current, 0, current.length, null);
  while (bytesRead > 0) {
    const chunk = current.subarray(0, bytesRead);
    // Started together, so that neither can fail while nobody listens.
    const both = Promise.all([from.read(other, 0, other.length, null), to && writeFully(to, chunk)]);
    hash.update(chunk);
    size += bytesRead;
    [{ bytesRead }] = await both;
    [current, other] = [other, current];
  }
  return { sha256: hash.digest('hex'), size };
}
