import type { Readable } from 'node:stream';
import type { BlobId } from '../../artifacts/store.ts';
import type { Failure, StoreAction } from './store-failure.ts';

/** Bytes to be uploaded: hash and size are known, and they can be read again from the start. */
export interface Body extends BlobId {
  /** All of it, where it is in memory. */
  bytes?: Uint8Array;
  stream(): Readable;
}

/** What a store says of an object without sending its bytes. */
export interface FoundObject {
  size: number;
  /** When it was written, or renewed. Some stores tell it to the second only, rounded down. */
  modifiedAt: Date;
  /** The hash that was noted when it was uploaded; none if somebody else put it there. */
  sha256: string | undefined;
  /** Changes with every write and renewal. Only its own store can read it. */
  version: string;
}

export interface ListedObject {
  key: string;
  size: number;
  modifiedAt: Date;
}

/**
 * What `ObjectStore` needs of a cloud's object storage; one implementation for each provider. Keys count from the store's
 * prefix. Methods throw what the provider's client throws, after its own retries; `explain` says what that means.
 */
export interface ObjectClient {
  /** For messages: `the bucket 'x' at https://…`. */
  readonly where: string;
  uriOf(key: string): string;
  head(key: string): Promise<FoundObject | undefined>;
  /**
   * Uploads under the condition that what is there is still `found`, or still nothing.
   * @returns false if somebody else wrote first
   */
  upload(key: string, body: Body, found: FoundObject | undefined): Promise<boolean>;
  /** From `start` (bytes) to the end; undefined if there is no such object. `total` is the size of all of it. */
  download(key: string, start: number): Promise<{ total: number; stream: Readable } | undefined>;
  /** Gives the object a new modification time. @returns false if it is gone, or was changed since it was found */
  renew(key: string, found: FoundObject): Promise<boolean>;
  /** Removes the object unless it was renewed or written since it was found. @returns false if it was, or is gone */
  remove(key: string, found: FoundObject, isOld: (modifiedAt: Date) => boolean): Promise<boolean>;
  /** All objects whose key begins so, in the order of their keys. `pageSize`: how many are asked for at once. */
  list(keyPrefix: string, pageSize?: number): AsyncIterable<ListedObject>;
  explain(error: unknown, action: StoreAction): Failure;
}
