import type { ArtifactStore, BlobId } from '../../artifacts/store.ts';

export async function copyBlob(blob: BlobId, from: ArtifactStore, to: ArtifactStore): Promise<void> {
  if (!(await to.has(blob))) await to.put(from.open(blob));
}
