import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { sha256 } from './data.ts';
import { type Lead, leadOf } from './module-graph.ts';
import { type ModuleParts, moduleParts, type Part } from './module-parts.ts';
import { packageClosure, packageVersion } from './packages.ts';
import type { Reference } from './references.ts';
import { startResolving } from './resolve.ts';
import { isModule, sourceFile } from './source-file.ts';

/** What a name or a reference stands for, wherever that is. */
export type Target =
  /** Declarations of the project, under the name that the first of them has it by. */
  | { to: 'parts'; parts: Part[]; name: string }
  /** All that a module of the project exports. */
  | { to: 'namespace'; module: ModuleParts }
  | { to: 'package'; folder: string; specifier: string; name: string }
  /** A file of the project that is no code. */
  | { to: 'data'; file: string }
  /** flowyml, Node's own modules, addresses: what stands in the code says it all. */
  | { to: 'outside'; reference: Reference; name: string }
  | { to: 'missing'; specifier: string }
  /** One of these: which, only running it would show. */
  | { to: 'any'; targets: Target[] };

/** Ties the modules of a project together, as they are now. Made anew for each look at the project. */
export class Linker {
  private readonly modules = new Map<string, ModuleParts>();
  private readonly leads = new Map<Reference, Lead | undefined>();
  private readonly paths = new Map<string, string>();
  private readonly root: string;
  private readonly packages = new Map<string, { version: string; hash: string }>();

  /** `root` is the folder that paths are shown from. */
  constructor(root: string) {
    this.root = root;
    startResolving();
  }

  /** A path as it is shown: from the project's folder, with slashes. */
  shown(file: string): string {
    let shown = this.paths.get(file);
    if (shown === undefined) {
      shown = relative(this.root, file).split(sep).join('/');
      this.paths.set(file, shown);
    }
    return shown;
  }

  /** @throws what `fs` throws where the file cannot be read */
  module(file: string): ModuleParts {
    const known = this.modules.get(file);
    if (known) return known;
    const module = moduleParts(sourceFile(file));
    this.modules.set(file, module);
    return module;
  }

  /** The module at a path that may hold symbolic links. */
  moduleAt(path: string): ModuleParts {
    const known = this.modules.get(path);
    if (known) return known;
    const module = this.module(realpathSync(path));
    this.modules.set(path, module);
    return module;
  }

  lead(from: ModuleParts, reference: Reference): Lead | undefined {
    if (!this.leads.has(reference)) this.leads.set(reference, leadOf(from.source.file, reference));
    return this.leads.get(reference);
  }

  /** An installed package as `name@version`, and the hash of that and of all that it needs. */
  package(folder: string): { version: string; hash: string } {
    let known = this.packages.get(folder);
    if (!known) {
      known = { version: packageVersion(folder), hash: sha256(packageClosure([folder]).join('\n')) };
      this.packages.set(folder, known);
    }
    return known;
  }

  /** The module that a reference leads to; undefined where it leads to something else. */
  moduleOf(from: ModuleParts, reference: Reference): ModuleParts | undefined {
    const lead = this.lead(from, reference);
    return lead?.to === 'file' && isModule(lead.file) ? this.module(lead.file) : undefined;
  }

  /** What a name of a module's top level stands for; `rest` are the members that belong to its value. */
  name(module: ModuleParts, name: string, path: readonly string[]): { target: Target; rest: readonly string[] } {
    const imported = module.imports.get(name);
    let target = imported ? this.reference(module, imported.reference, imported.name) : own(module, name);
    let rest = path;
    for (let [member] = rest; member !== undefined; [member] = rest) {
      if (target.to === 'namespace') target = this.exported(target.module, member);
      else if ((target.to === 'package' || target.to === 'outside') && target.name === '*') target = { ...target, name: member };
      else break;
      rest = rest.slice(1);
    }
    return { target, rest };
  }

  /** What a reference of a module leads to; `name` is one of the names exported there. */
  reference(from: ModuleParts, reference: Reference, name = '*', seen = new Set<string>()): Target {
    const lead = this.lead(from, reference);
    const { specifier } = reference;
    switch (lead?.to) {
      case undefined:
        return { to: 'outside', reference, name };
      case 'missing':
        return { to: 'missing', specifier };
      case 'package':
        return { to: 'package', folder: lead.folder, specifier, name };
      case 'file':
        return isModule(lead.file) ? this.exported(this.module(lead.file), name, seen) : { to: 'data', file: lead.file };
    }
  }

  private exported(module: ModuleParts, name: string, seen = new Set<string>()): Target {
    const key = `${name} ${module.source.file}`;
    if (seen.has(key)) return { to: 'missing', specifier: name };
    seen.add(key);
    const [only] = module.parts;
    if (only?.kind === 'whole' && module.parts.length === 1 && !module.exports.size) return { to: 'parts', parts: [only], name };
    if (name === '*') return { to: 'namespace', module };
    const found = module.exports.get(name);
    if (found) return 'local' in found ? this.local(module, found.local, seen) : this.reference(module, found.reference, found.name, seen);
    return name === 'default' ? { to: 'missing', specifier: name } : this.starred(module, name, seen);
  }

  /** A name exported by way of an import: `import { a } from './b.ts'; export { a };` */
  private local(module: ModuleParts, name: string, seen: Set<string>): Target {
    const imported = module.imports.get(name);
    return imported ? this.reference(module, imported.reference, imported.name, seen) : own(module, name);
  }

  /** A name that one of several `export * from` gives. What packages export is not looked into: the project's own files first. */
  private starred(module: ModuleParts, name: string, seen: Set<string>): Target {
    const others: Target[] = [];
    for (const star of module.stars) {
      const target = this.reference(module, star, name, seen);
      if (target.to === 'parts' || target.to === 'namespace' || target.to === 'data') return target;
      if (target.to === 'any') others.push(...target.targets);
      else if (target.to !== 'missing') others.push(target);
    }
    const [first] = others;
    return others.length > 1 ? { to: 'any', targets: others } : (first ?? { to: 'missing', specifier: name });
  }

  /** All that a module exports, by name, sorted. */
  exportsOf(module: ModuleParts, seen = new Set<ModuleParts>()): [string, Target][] {
    if (seen.has(module)) return [];
    seen.add(module);
    const found = new Map<string, Target>();
    for (const name of module.exports.keys()) found.set(name, this.exported(module, name));
    for (const star of module.stars) {
      const target = this.reference(module, star);
      const more: [string, Target][] = target.to === 'namespace' ? this.exportsOf(target.module, seen) : [[`* ${star.specifier}`, target]];
      for (const [name, each] of more) if (name !== 'default' && !found.has(name)) found.set(name, each);
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function own(module: ModuleParts, name: string): Target {
  const parts = module.declared.get(name);
  return parts ? { to: 'parts', parts, name } : { to: 'missing', specifier: name };
}
