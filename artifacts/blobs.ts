import type { ArtifactRef } from '../pipelines/run-result.ts';
import { partsOf } from './list.ts';
import { readManifest } from './manifest.ts';
import type { ArtifactStore, BlobId } from './store.ts';

const isInline = (ref: ArtifactRef): boolean => ref.value !== undefined;
// `directory`, or an asset of one: `model<directory>`.
const isFolder = (ref: ArtifactRef): boolean => /^(\w+<)*directory>*$/.test(ref.type);

/** Every blob that an artifact needs: none for an inline value, its files and its manifest for a folder, else one. */
export async function blobsOf(ref: ArtifactRef, store: ArtifactStore): Promise<BlobId[]> {
  if (isInline(ref)) return [];
  const own = { sha256: ref.sha256, size: ref.size };
  if (ref.parts !== undefined) {
    const parts = await partsOf(ref, store);
    return [...parts.filter((part) => part.value === undefined).map(({ sha256, size }) => ({ sha256, size })), own];
  }
  if (!isFolder(ref)) return [own];
  const { files } = await readManifest(store, own);
  return [...files.map(({ sha256, size }) => ({ sha256, size })), own];
}

/** Whether all that the artifact needs is in the store, with its size. What counts for the cache. */
export async function isStored(ref: ArtifactRef, store: ArtifactStore): Promise<boolean> {
  if (isInline(ref)) return true;
  if (!(await store.has(ref))) return false;
  if (!isFolder(ref) && ref.parts === undefined) return true;
  for (const blob of await blobsOf(ref, store)) if (!(await store.has(blob))) return false;
  return true;
}

/** Copies an artifact from one store to another, where it is not there yet; the reference it has there. */
export async function copyArtifact(ref: ArtifactRef, from: ArtifactStore, to: ArtifactStore): Promise<ArtifactRef> {
  let copy = ref;
  // A folder's manifest comes last, so that it never stands where its files do not.
  for (const blob of await blobsOf(ref, from)) {
    if (blob.sha256 !== ref.sha256 && (await to.has(blob))) continue;
    const { uri } = await to.put(from.open(blob));
    if (blob.sha256 === ref.sha256) copy = { ...ref, uri };
  }
  return copy;
}
