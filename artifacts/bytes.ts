import type { ArtifactRef } from '../pipelines/run-result.ts';
import type { BytesSource, BytesValue } from '../pipelines/values.ts';
import { collect } from './chunks.ts';
import type { SaveContext } from './context.ts';
import { describeValue, formatBytes } from './describe.ts';
import { outputInvalid } from './invalid.ts';
import type { ArtifactStore, BlobId } from './store.ts';

/** Keeps bytes, whole or streamed. A `BytesValue`, as a step receives it, can be returned as it is. */
export async function saveBytes(type: string, value: unknown, { store, output }: SaveContext): Promise<ArtifactRef> {
  const { sha256, size, uri } = await store.put(bytesSource(value, output));
  return { sha256, type, size, uri, preview: formatBytes(size) };
}

function bytesSource(value: unknown, output: string): BytesSource {
  if (value instanceof Uint8Array) return value;
  if (isStored(value)) return value.stream();
  if (isIterable(value)) {
    // A Node stream may fail before the store is ready to read it. Its iterator reports the error still; without a
    // listener the process would end.
    if ('on' in value && typeof value.on === 'function') value.on('error', () => undefined);
    return checkedChunks(value, output);
  }
  throw outputInvalid(output, '', `expected a Uint8Array or an async iterable of them, received ${describeValue(value)}`);
}

const isStored = (value: unknown): value is BytesValue =>
  typeof value === 'object' && value !== null && 'stream' in value && typeof value.stream === 'function' && 'size' in value;

const isIterable = (value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && (Symbol.asyncIterator in value || Symbol.iterator in value);

async function* checkedChunks(chunks: AsyncIterable<unknown> | Iterable<unknown>, output: string): AsyncGenerator<Uint8Array> {
  let index = 0;
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) {
      throw outputInvalid(output, `chunk ${index}`, `expected a Uint8Array, received ${describeValue(chunk)}`);
    }
    yield chunk;
    index++;
  }
}

/** Bytes in a store. Nothing is read before one of its methods is called; each call reads anew, and verifies. */
export class StoredBytes implements BytesValue {
  readonly size: number;
  private readonly store: ArtifactStore;
  private readonly blob: BlobId;

  constructor(store: ArtifactStore, blob: BlobId) {
    this.size = blob.size;
    this.store = store;
    this.blob = { sha256: blob.sha256, size: blob.size };
  }

  stream(): AsyncIterable<Uint8Array> {
    return this.store.open(this.blob);
  }

  bytes(): Promise<Uint8Array> {
    return collect(this.stream(), this.size);
  }

  async text(): Promise<string> {
    const { buffer, byteOffset, byteLength } = await this.bytes();
    return Buffer.from(buffer, byteOffset, byteLength).toString();
  }
}
