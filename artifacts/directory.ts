import { chmod, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { canonicalJson } from './canonical.ts';
import type { LoadContext, SaveContext } from './context.ts';
import { formatBytes, formatCount, shorten } from './describe.ts';
import { outputInvalid } from './invalid.ts';
import { fetchFile, inputFolder, returnedPath, storeFile } from './local-files.ts';
import { type Manifest, type ManifestFile, readManifest } from './manifest.ts';

// Each file waits for the disk or the network most of its time.
const AT_ONCE = 8;

/**
 * Keeps a folder: every file as a blob of its own, and a manifest, whose hash is the artifact's. Modes are kept as
 * far as a file can be executed. A link to a file inside the folder is kept as that file; every other link is refused.
 */
export async function saveDirectory(value: unknown, { store, output }: SaveContext): Promise<ArtifactRef> {
  const root = returnedPath(value, 'folder', output);
  const found = await stat(root).catch((error: NodeJS.ErrnoException) => {
    const problem = error.code === 'ENOENT' ? 'no such folder' : error.message;
    throw outputInvalid(output, '', `expected a folder at ${root}: ${problem}`, error);
  });
  if (!found.isDirectory()) throw outputInvalid(output, '', `expected a folder, received a file: ${root}; declare the output as file()`);
  const { files, emptyFolders } = await listFolder(await realpath(root), output);
  const kept: ManifestFile[] = [];
  await eachAtOnce(files, async ({ path, source, executable }) => {
    const { sha256, size } = await storeFile(store, source);
    kept.push({ path, sha256, size, ...(executable && { executable }) });
  });
  const manifest: Manifest = { version: 1, files: kept.sort((a, b) => compare(a.path, b.path)), emptyFolders: emptyFolders.sort(compare) };
  const { sha256, size, uri } = await store.put(Buffer.from(canonicalJson(manifest)));
  return { sha256, type: 'directory', size, uri, preview: previewOf(basename(root), kept) };
}

/** The path of a copy of the input's own, writable: `<workDir>/inputs/<input>`. */
export async function loadDirectory(ref: ArtifactRef, { store, workDir, input }: LoadContext): Promise<string> {
  const { files, emptyFolders } = await readManifest(store, ref);
  const root = await inputFolder(workDir, input);
  const folders = new Set([...files.map(({ path }) => dirname(path)), ...emptyFolders]);
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  await eachAtOnce(files, async (file) => {
    const path = join(root, file.path);
    await fetchFile(store, file, path);
    if (file.executable) await chmod(path, 0o755);
  });
  return root;
}

interface Listed {
  path: string;
  /** The file itself, where `path` is a link to it. */
  source: string;
  executable: boolean;
}

async function listFolder(root: string, output: string): Promise<{ files: Listed[]; emptyFolders: string[] }> {
  const files: Listed[] = [];
  const emptyFolders: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    if (!entries.length && folder) emptyFolders.push(folder);
    for (const entry of entries) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isDirectory()) {
        await visit(path);
        continue;
      }
      const source = entry.isSymbolicLink() ? await followLink(root, path, output) : join(root, path);
      const found = await stat(source);
      if (!found.isFile())
        throw outputInvalid(
          output,
          path,
          `expected a file or a folder, not ${entry.isSymbolicLink() ? 'a link to a folder' : 'a device, pipe or socket'}`,
        );
      files.push({ path, source, executable: (found.mode & 0o100) !== 0 });
    }
  };
  await visit('');
  return { files, emptyFolders };
}

async function followLink(root: string, path: string, output: string): Promise<string> {
  const target = await realpath(join(root, path)).catch((error) => {
    throw outputInvalid(output, path, 'is a link that points to nothing', error);
  });
  if (target.startsWith(root + sep)) return target;
  throw outputInvalid(output, path, `is a link to ${target}, outside of the folder: copy what it points to into the folder (cp -rL does)`);
}

function previewOf(name: string, files: readonly ManifestFile[]): string {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  return shorten(`${name}/: ${formatCount(files.length)} ${files.length === 1 ? 'file' : 'files'}, ${formatBytes(size)}`);
}

// By code units and not by language, so that every machine makes the same manifest.
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

async function eachAtOnce<T>(items: readonly T[], use: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const work = async () => {
    for (const item of queue) await use(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));
}
