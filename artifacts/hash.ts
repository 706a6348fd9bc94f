import { createHash } from 'node:crypto';
import { canonicalChunks } from './canonical.ts';

/** SHA-256 of bytes (of a string's UTF-8), in hex. */
export const sha256OfBytes = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 of chunks that belong together, in hex. */
export function sha256OfChunks(chunks: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/** SHA-256 of a value's canonical JSON, in hex: the same for objects that differ in the order of their keys. Throws `NotJson`. */
export const sha256OfJson = (value: unknown): string => sha256OfChunks(canonicalChunks(value));
