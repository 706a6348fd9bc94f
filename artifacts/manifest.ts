import { ArtifactCorrupt } from '../pipelines/errors.ts';
import { collect } from './chunks.ts';
import type { ArtifactStore, BlobId } from './store.ts';

/** A file of a folder, as its manifest lists it. */
export interface ManifestFile extends BlobId {
  /** Relative to the folder, with `/`. */
  path: string;
  executable?: true;
}

/** What is in a folder: the artifact of a `directory()` is this, as canonical JSON; its files are blobs beside it. */
export interface Manifest {
  version: 1;
  /** Sorted by path. */
  files: ManifestFile[];
  /** Folders with nothing in them; the others follow from the files' paths. Sorted. */
  emptyFolders: string[];
}

/** Reads and checks a manifest: no path in it leads out of the folder that it is unpacked to. Throws `ArtifactCorrupt`. */
export async function readManifest(store: ArtifactStore, blob: BlobId): Promise<Manifest> {
  const text = Buffer.from(await collect(store.open(blob), blob.size)).toString();
  const problem = (what: string) => new ArtifactCorrupt(`artifact ${blob.sha256} is not a folder that can be unpacked: ${what}`);
  let manifest: Partial<Manifest>;
  try {
    manifest = JSON.parse(text);
  } catch {
    throw problem('it is not JSON');
  }
  const { version, files, emptyFolders } = manifest ?? {};
  if (version !== 1) throw problem(`its version is ${JSON.stringify(version)}, and this flowyml knows version 1`);
  if (!Array.isArray(files) || !Array.isArray(emptyFolders)) throw problem('its list of files is missing');
  for (const path of [...files.map((file) => file?.path), ...emptyFolders]) {
    if (!isSafePath(path)) throw problem(`it holds the path ${JSON.stringify(path)}`);
  }
  return { version, files, emptyFolders };
}

/** Whether a path of a manifest names something strictly inside the folder, on every system. */
export function isSafePath(path: unknown): path is string {
  if (typeof path !== 'string' || path.includes('\0')) return false;
  // On Windows a backslash separates too, and `C:` is a place of its own.
  if (process.platform === 'win32' && /[\\:]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
