import { blobsOf } from '../../artifacts/blobs.ts';
import type { ArtifactStore } from '../../artifacts/store.ts';
import { ArtifactCorrupt } from '../../pipelines/errors.ts';
import type { ArtifactRef } from '../../pipelines/run-result.ts';

/** What an artifact's bytes are: an asset's are those of its data. */
export function formatOf({ type, value }: ArtifactRef): 'json' | 'table' | 'directory' | 'bytes' {
  if (value !== undefined) return 'json';
  let inner = type;
  for (let match = /^\w+<(.+)>$/.exec(inner); match; match = /^\w+<(.+)>$/.exec(inner)) inner = match[1] ?? '';
  if (inner === 'json' || inner === 'metrics') return 'json';
  return inner === 'table' || inner === 'directory' ? inner : 'bytes';
}

/** Reads all of an artifact and throws it away; what is wrong with it, or undefined. */
export async function problemOf(ref: ArtifactRef, store: ArtifactStore): Promise<string | undefined> {
  try {
    for (const blob of await blobsOf(ref, store)) for await (const _ of store.open(blob));
    return undefined;
  } catch (error) {
    if (error instanceof ArtifactCorrupt) return error.message;
    throw error;
  }
}
