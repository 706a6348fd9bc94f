import { createHash } from 'node:crypto';
import { type Link, type ModuleGraph, moduleGraph } from './module-graph.ts';
import { packageClosure, packageVersion } from './packages.ts';

/** Changes whenever the same code is to get another hash. */
const VERSION = 'flowyml-code-1';

/**
 * SHA-256 of all code that a module reaches: the content of its project's files, where their imports lead, and name and
 * version of the installed packages with theirs. Paths do not enter: a copy of the project has the same hash.
 *
 * Coarse on purpose: a changed comment, or a change to a neighbour in the same file, changes it; and never stale but for
 * what no text shows: computed paths, `import(name)`, patched packages, folders, and settings of tsconfig.json.
 */
export function codeHash(file: string): string {
  return graphHash(moduleGraph(file));
}

/** The same of a graph already walked. */
export function graphHash({ nodes }: ModuleGraph): string {
  const places = new Map([...nodes.keys()].map((file, index) => [file, index]));
  const folders = new Set<string>();
  const lines = [VERSION];
  for (const { source, links } of nodes.values()) {
    lines.push(source.hash);
    for (const link of links) {
      if (link.to === 'package') folders.add(link.folder);
      lines.push(`  ${described(link, places)}`);
    }
  }
  lines.push(...packageClosure(folders));
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function described(link: Link, places: ReadonlyMap<string, number>): string {
  if (link.to === 'file') return `file ${places.get(link.file)}`;
  return link.to === 'package' ? `package ${packageVersion(link.folder)}` : 'missing';
}
