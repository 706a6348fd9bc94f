import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, mkdtemp, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFully } from './chunks.ts';
import { describeValue } from './describe.ts';
import { outputInvalid } from './invalid.ts';
import type { ArtifactStore, BlobId, StoredBlob } from './store.ts';

/** Keeps a local file, by the store's fast path where it has one. */
export const storeFile = (store: ArtifactStore, path: string): Promise<StoredBlob> =>
  store.putFile ? store.putFile(path) : store.put(createReadStream(path));

/** Writes a blob to a local file that the caller may change without touching the store. */
export async function fetchFile(store: ArtifactStore, blob: BlobId, path: string): Promise<void> {
  if (store.copyTo) return store.copyTo(blob, path);
  const file: FileHandle = await open(path, 'w');
  try {
    for await (const chunk of store.open(blob)) await writeFully(file, chunk);
  } finally {
    await file.close();
  }
}

/** The absolute path that a step returned for a file or a folder; relative ones count from the working folder. */
export function returnedPath(value: unknown, what: string, output: string): string {
  try {
    if (value instanceof URL) return fileURLToPath(value);
    if (typeof value === 'string' && value.startsWith('file:')) return fileURLToPath(value);
  } catch (error) {
    throw outputInvalid(output, '', `expected the path or file: URL of a ${what}, received ${String(value)}`, error);
  }
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return resolve(value);
  throw outputInvalid(output, '', `expected the path or file: URL of a ${what}, received ${describeValue(value)}`);
}

/** A new, empty folder for an input's copy. An input that is loaded more than once (the items of a map) gets one each. */
export async function inputFolder(workDir: string, input: string): Promise<string> {
  const inputs = join(workDir, 'inputs');
  await mkdir(inputs, { recursive: true });
  const name = safeName(input);
  const folder = join(inputs, name);
  try {
    await mkdir(folder);
    return folder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return mkdtemp(join(inputs, `${name}-`));
  }
}

/** The name as one that can stand in a folder: separators and a leading dot are replaced. */
export const safeName = (name: string): string => name.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_') || '_';
