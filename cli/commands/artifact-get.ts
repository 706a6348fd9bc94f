import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cp, lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { formatBytes } from '../../artifacts/describe.ts';
import { loadDirectory } from '../../artifacts/directory.ts';
import { readJson } from '../../artifacts/json.ts';
import { fetchFile } from '../../artifacts/local-files.ts';
import type { ArtifactStore } from '../../artifacts/store.ts';
import { joinSession } from '../../client/session.ts';
import { UsageError } from '../../pipelines/errors.ts';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import { findProject, projectStore } from '../../stacks/project.ts';
import { outputIsRead } from '../pipes.ts';
import { formatOf } from './artifact-read.ts';
import { requireArtifact } from './artifact-target.ts';

interface GetOptions {
  output?: string;
  force?: boolean;
}

/**
 * `flowyml artifact get`: an artifact's content, checked against its hash: JSON and bytes to stdout or a file, tables as
 * an Arrow stream, files and folders to a path. What stands at the path is replaced only when all of it has been read.
 */
export async function getArtifact(target: string, options: GetOptions): Promise<void> {
  const session = await joinSession(findProject());
  const { project } = session;
  try {
    const ref = await requireArtifact(session, target);
    const store = projectStore(project);
    if (options.output === undefined) return await print(ref, store);
    const path = resolve(options.output);
    await checkPlace(path, ref, options.force === true);
    await write(ref, store, path);
    console.error(`Wrote ${options.output} (${ref.type}${formatOf(ref) === 'directory' ? '' : `, ${formatBytes(ref.size)}`})`);
  } finally {
    await session.close();
  }
}

async function checkPlace(path: string, ref: ArtifactRef, force: boolean): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return;
  if (found.isDirectory() !== (formatOf(ref) === 'directory'))
    throw new UsageError(
      `-o ${path}: is ${found.isDirectory() ? 'a folder, and the artifact a file' : 'a file, and the artifact a folder'}`,
    );
  if (!force) throw new UsageError(`-o ${path}: exists already; --force writes over it`);
}

const pretty = async (ref: ArtifactRef, store: ArtifactStore): Promise<string> =>
  `${JSON.stringify(await readJson(ref, store), null, 2)}\n`;

async function print(ref: ArtifactRef, store: ArtifactStore): Promise<void> {
  const format = formatOf(ref);
  if (format === 'json') return send(await pretty(ref, store));
  if (format === 'directory') throw new UsageError('a folder cannot be printed: say where to put it with -o PATH');
  if (process.stdout.isTTY) throw new UsageError(`${ref.type} is not text: write it to a file with -o PATH, or pipe it`);
  for await (const chunk of store.open(ref)) await send(chunk);
}

async function send(chunk: string | Uint8Array): Promise<void> {
  if (!outputIsRead() || process.stdout.write(chunk)) return;
  // A reader that has seen enough closes the pipe: whoever set stdout up has an eye on that.
  await once(process.stdout, 'drain').catch(() => {});
}

/** Beside its place first: what cannot be read to its end leaves what was there as it was. */
async function write(ref: ArtifactRef, store: ArtifactStore, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (formatOf(ref) === 'directory') return writeFolder(ref, store, path);
  const partial = join(dirname(path), `.${basename(path)}-${randomUUID()}`);
  try {
    if (formatOf(ref) === 'json') await writeFile(partial, await pretty(ref, store));
    else await fetchFile(store, ref, partial);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

async function writeFolder(ref: ArtifactRef, store: ArtifactStore, path: string): Promise<void> {
  const partial = await mkdtemp(join(dirname(path), `.${basename(path)}-`));
  try {
    const folder = await loadDirectory(ref, { store, workDir: partial, input: 'folder' });
    // Other files that stand there already are left alone.
    if (await lstat(path).catch(() => undefined)) await cp(folder, path, { recursive: true, force: true });
    else await rename(folder, path);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
