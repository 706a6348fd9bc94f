import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  name: string;
  version: string;
  /** Names of what it needs; those are looked for as Node does. */
  needs: string[];
}

const manifests = new Map<string, { stamp: string; manifest: Manifest | undefined }>();

/** The folder of the installed package that a file belongs to. */
export function packageFolder(file: string): string {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0] ?? dirname(file);
}

/** Whether name and version say what a package holds. One without is read like the project's own files. */
export function isVersioned(folder: string): boolean {
  const manifest = readManifest(folder);
  return !!manifest?.name && !!manifest.version;
}

/** `name@version` of an installed package. */
export function packageVersion(folder: string): string {
  const manifest = readManifest(folder);
  return manifest ? `${manifest.name}@${manifest.version}` : 'unknown';
}

/**
 * `name@version` of packages and of all that they need in turn, sorted. Optional dependencies are left out: which of them
 * are installed depends on the machine.
 */
export function packageClosure(folders: Iterable<string>): string[] {
  const seen = new Set<string>();
  const waiting = [...folders];
  const names = new Set<string>();
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    names.add(packageVersion(folder));
    for (const name of readManifest(folder)?.needs ?? []) {
      const found = findPackage(folder, name);
      if (found) waiting.push(found);
    }
  }
  return [...names].sort();
}

function findPackage(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (readManifest(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

function readManifest(folder: string): Manifest | undefined {
  const file = join(folder, 'package.json');
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) return undefined;
  const stamp = `${stats.mtimeMs} ${stats.ctimeMs} ${stats.size} ${stats.ino}`;
  const known = manifests.get(file);
  if (known?.stamp === stamp) return known.manifest;
  const manifest = parseManifest(readFileSync(file, 'utf8'));
  manifests.set(file, { stamp, manifest });
  return manifest;
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const { name = '', version = '', dependencies = {}, peerDependencies = {} } = JSON.parse(text);
    return { name, version, needs: Object.keys({ ...dependencies, ...peerDependencies }) };
  } catch {
    return undefined;
  }
}
