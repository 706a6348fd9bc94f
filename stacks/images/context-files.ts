import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import dockerignore from '@balena/dockerignore';
import pMap from 'p-map';
import { UsageError } from '../../pipelines/errors.ts';

/** One file, folder or link of a build context. */
export interface ContextEntry {
  /** From the context, with slashes. */
  path: string;
  kind: 'file' | 'directory' | 'link';
  /** As it enters the image. Users and groups differ between machines and clones; that a file can be run does not. */
  mode: 0o644 | 0o755;
  /** In bytes, of a file. */
  size: number;
}

/** What generated Dockerfiles leave out; a .dockerignore that follows may take it in again. */
const NOT_COPIED = ['.git', '**/node_modules', '**/__pycache__', '**/*.pyc', '**/.venv', '**/.env', '**/.env.*', '**/.DS_Store'];
/** Our own folder: servers' data, and another at every run. */
const ALWAYS = ['.flowyml', '**/.flowyml'];

const PARALLEL = 16;
/** Above it a file is streamed. */
const SMALL = 1024 * 1024;

/**
 * The files that a build sees, in the order of their paths: all but those that .dockerignore names.
 * @param dockerfile the user's own, whose `<name>.dockerignore` wins; undefined for a generated one
 * @throws UsageError for a file that cannot be read
 */
export async function contextFiles(context: string, dockerfile?: string): Promise<ContextEntry[]> {
  const candidates = [...(dockerfile ? [`${dockerfile}.dockerignore`] : []), join(context, '.dockerignore')];
  const file = candidates.find((path) => existsSync(path));
  const written = file ? readFileSync(file, 'utf8').replace(/^\uFEFF/, '') : '';
  const rules = [...(dockerfile ? [] : NOT_COPIED), ...written.split(/\r?\n/), ...ALWAYS];
  const filter = dockerignore.default({ ignorecase: false }).add(rules);
  if (file) checkPatterns(rules, file);
  const exceptions = rules.map((rule) => rule.trim()).filter((rule) => rule.startsWith('!'));
  const entries: ContextEntry[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const { name } of await readdir(join(context, folder), { withFileTypes: true })) {
      const path = folder ? `${folder}/${name}` : name;
      const isOut = filter.ignores(path);
      const stat = await lstat(join(context, path));
      if (!isOut) {
        const mode = stat.isDirectory() || stat.mode & 0o111 ? 0o755 : 0o644;
        const kind = stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'link' : stat.isFile() ? 'file' : undefined;
        // Sockets, pipes and devices have no place in an image.
        if (kind) entries.push({ path, kind, mode: kind === 'link' ? 0o755 : mode, size: kind === 'file' ? stat.size : 0 });
      }
      if (stat.isDirectory() && (!isOut || exceptions.some((rule) => mayLieBelow(path, rule.slice(1))))) await walk(path);
    }
  };
  await walk('').catch(unreadable(context));
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** @throws UsageError naming the line */
function checkPatterns(rules: readonly string[], file: string): void {
  for (const rule of rules) {
    try {
      if (rule.trim() === '!') throw new Error('an exception of nothing');
      dockerignore.default().add([rule]).ignores('x');
    } catch (error) {
      throw new UsageError(`${file}: '${rule.trim()}' is no pattern: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Whether an exception may bring back something below a folder that is left out. */
function mayLieBelow(folder: string, pattern: string): boolean {
  const wanted = pattern
    .trim()
    .replace(/^\/|\/$/g, '')
    .split('/');
  for (const [index, name] of folder.split('/').entries()) {
    const part = wanted[index];
    if (part === undefined) return false;
    if (part === '**') return true;
    if (!/[*?[\\]/.test(part) && part !== name) return false;
  }
  return true;
}

/**
 * The hash of what an image is made of: everything that is given, and the context's paths, modes and bytes.
 * @returns SHA-256 in hex
 */
export async function hashContext(context: string, entries: readonly ContextEntry[], given: unknown): Promise<string> {
  const hash = createHash('sha256')
    .update('flowyml image 1\n')
    .update(`${JSON.stringify(given)}\n`);
  const hashes = await pMap(entries, (entry) => contentOf(join(context, entry.path), entry), { concurrency: PARALLEL }).catch(
    unreadable(context),
  );
  for (const [index, { path, kind, mode }] of entries.entries())
    hash.update(`${kind} ${mode.toString(8)} ${hashes[index]} ${JSON.stringify(path)}\n`);
  return hash.digest('hex');
}

async function contentOf(path: string, { kind, size }: ContextEntry): Promise<string> {
  if (kind === 'directory') return '-';
  const hash = createHash('sha256');
  if (kind === 'link') hash.update(await readlink(path));
  else if (size <= SMALL) hash.update(await readFile(path));
  else await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const unreadable = (context: string) => (error: NodeJS.ErrnoException) => {
  throw new UsageError(`${error.path ?? context} cannot be read: ${error.message}. Name it in .dockerignore, or make it readable`, {
    cause: error,
  });
};
