import { realpathSync } from 'node:fs';
import { isVersioned, packageFolder } from './packages.ts';
import { type Reference, references } from './references.ts';
import { resolveReference, startResolving } from './resolve.ts';
import { type SourceFile, sourceFile } from './source-file.ts';

/** Where a reference leads. */
export type Lead =
  | { to: 'file'; file: string }
  /** The folder of an installed package; its files are not looked into. */
  | { to: 'package'; folder: string }
  | { to: 'missing' };

/** A reference, and where it leads. */
export type Link = { reference: Reference } & Lead;

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
    const lead = leadOf(file, reference);
    if (lead) links.push({ reference, ...lead });
  }
  return { source, links };
}

/** Where a reference in a file leads; undefined for what is no part of the project's code. */
export function leadOf(file: string, reference: Reference): Lead | undefined {
  const target = resolveReference(file, reference);
  if (!target) return undefined;
  if (target.kind === 'missing') return { to: 'missing' };
  const folder = target.kind === 'package' ? packageFolder(target.file) : undefined;
  return folder !== undefined && isVersioned(folder) ? { to: 'package', folder } : { to: 'file', file: target.file };
}
