/** What names a blob: its hash, and its size in bytes, so that a truncated one is noticed before it is read. */
export interface BlobId {
  /** SHA-256 of the bytes, in hex. */
  sha256: string;
  size: number;
  /** Where it was put, if that is known: a hint for whoever looks in several stores. */
  uri?: string | undefined;
}

export interface StoredBlob extends BlobId {
  /** For people: reading depends on the hash alone, so that a store can be moved. */
  uri: string;
}

/** A blob as a store lists it. */
export interface ListedBlob extends BlobId {
  /** When it was written, or last kept again. */
  modifiedAt: Date;
}

/**
 * Keeps bytes under their SHA-256. Methods throw `ArtifactCorrupt` for bytes that are missing or not what was stored,
 * and `ServiceUnavailable` where the store itself fails (disk full, no permission, network).
 */
export interface ArtifactStore {
  /**
   * Keeps the bytes, hashed while they stream; content that is there already takes no more room. Nobody sees the blob
   * before all of it is written. A chunk is used up before the next is asked for. What the source throws is passed on.
   */
  put(source: AsyncIterable<Uint8Array> | Uint8Array): Promise<StoredBlob>;
  /** Streams the bytes. Size and hash are checked before the last chunk is handed out: a wrong end is never seen as an end. */
  open(blob: BlobId): AsyncIterable<Uint8Array>;
  /** Whether the blob is there with that size; its bytes are not read. */
  has(blob: BlobId): Promise<boolean>;
  /** Writes the blob to a local file (replaced if it exists), verified; faster than `open`. */
  copyTo?(blob: BlobId, path: string): Promise<void>;
  /** Keeps a local file; faster than `put`. */
  putFile?(path: string): Promise<StoredBlob>;
  /** Makes a blob that is there as young as if it were put now, without its bytes; false where it has to be put. */
  renew?(blob: BlobId): Promise<boolean>;
  /** All blobs, in no order. What an interrupted `removeOld` left aside is put back first. */
  list?(): AsyncIterable<ListedBlob>;
  /**
   * Removes a blob that nobody has kept since `before`; false if it is not there, or younger. A `put` of the same bytes at
   * the same moment is never lost: either its blob is seen to be young, or it writes the bytes anew.
   */
  removeOld?(sha256: string, before: Date): Promise<boolean>;
}
