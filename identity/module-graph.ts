import { realpathSync } from 'node:fs';
import { packageFolder } from './packages.ts';
import { type Reference, references } from './references.ts';
import { resolveReference, startResolving } from './resolve.ts';
import { type SourceFile, sourceFile } from './source-file.ts';

/** Where a reference leads, once resolved. */
export type Link = { reference: Reference } & (
  | { to: 'file'; file: string }
  /** The folder of an installed package; its files are not looked into. */
  | { to: 'package'; folder: string }
  | { to: 'missing' }
);

export interface ModuleNode {
  source: SourceFile;
  /** In the order of the text. */
  links: Link[];
}

/** A module and all files of its project that it needs. */
export interface ModuleGraph {
  entry: string;
  /** By real path, in order of first reference, depth first. */
  nodes: Map<string, ModuleNode>;
}

/**
 * Walks from a module over all that it imports, requires or names by `new URL('…', import.meta.url)`: the project's own
 * files, linked workspace packages among them. Installed packages are ends; flowyml and Node's modules are left out.
 * Unchanged files are not read again. A file that was not found is a link to nothing, not an error.
 * @throws what `fs` throws where the module itself cannot be read
 */
export function moduleGraph(file: string): ModuleGraph {
  startResolving();
  const entry = realpathSync(file);
  const nodes = new Map<string, ModuleNode>();
  visit(entry, nodes);
  return { entry, nodes };
}

function visit(entry: string, nodes: Map<string, ModuleNode>): void {
  // A stack of its own: a chain of imports may be longer than the call stack is deep.
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (nodes.has(file)) continue;
    const node = readNode(file);
    nodes.set(file, node);
    for (const link of node.links.toReversed()) if (link.to === 'file') waiting.push(link.file);
  }
}

function readNode(file: string): ModuleNode {
  const source = sourceFile(file);
  const links: Link[] = [];
  for (const reference of references(source)) {
    const target = resolveReference(file, reference);
    if (target?.kind === 'file') links.push({ reference, to: 'file', file: target.file });
    else if (target?.kind === 'package') links.push({ reference, to: 'package', folder: packageFolder(target.file) });
    else if (target) links.push({ reference, to: 'missing' });
  }
  return { source, links };
}
