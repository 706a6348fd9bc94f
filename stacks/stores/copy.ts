import type { ArtifactStore, BlobId, StoredBlob } from '../../artifacts/store.ts';
import { ArtifactCorrupt } from '../../pipelines/errors.ts';

/**
 * Copies a blob to another store, unless it is there already; then it is made young, as if it had been put. Both sides check
 * the bytes.
 * @returns where it stands in `to`; undefined if it was there already
 */
export async function copyBlob(blob: BlobId, from: ArtifactStore, to: ArtifactStore): Promise<StoredBlob | undefined> {
  if (await (to.renew ? to.renew(blob) : to.has(blob))) return undefined;
  const copy = await to.put(from.open(blob));
  if (copy.sha256 === blob.sha256 && copy.size === blob.size) return copy;
  throw new ArtifactCorrupt(`artifact ${blob.sha256} became ${copy.sha256} when it was copied to another store`);
}
