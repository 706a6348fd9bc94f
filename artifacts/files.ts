import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ArtifactType } from '../pipelines/artifact-types.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import type { LoadContext, SaveContext } from './context.ts';
import { formatBytes, shorten } from './describe.ts';
import { outputInvalid } from './invalid.ts';
import { fetchFile, inputFolder, returnedPath, safeName, storeFile } from './local-files.ts';

/** Keeps the file whose path or `file:` URL a step returned. */
export async function saveFile(value: unknown, { store, output }: SaveContext): Promise<ArtifactRef> {
  const path = returnedPath(value, 'file', output);
  await expectFile(path, output);
  const { sha256, size, uri } = await storeFile(store, path);
  return { sha256, type: 'file', size, uri, preview: shorten(`${basename(path)}, ${formatBytes(size)}`) };
}

/** The path of a copy of the input's own, writable, in a folder of its own: `<workDir>/inputs/<input>/<name>`. */
export async function loadFile(type: ArtifactType, ref: ArtifactRef, ctx: LoadContext): Promise<string> {
  const path = join(await inputFolder(ctx.workDir, ctx.input), safeName(type.fileName ?? ctx.input));
  await fetchFile(ctx.store, ref, path);
  return path;
}

async function expectFile(path: string, output: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const problem = error.code === 'ENOENT' ? 'no such file' : error.message;
    throw outputInvalid(output, '', `expected a file at ${path}: ${problem}`, error);
  });
  if (found.isDirectory())
    throw outputInvalid(output, '', `expected a file, received a folder: ${path}; declare the output as directory()`);
  if (!found.isFile()) throw outputInvalid(output, '', `expected a regular file at ${path}, not a device, pipe or socket`);
}
