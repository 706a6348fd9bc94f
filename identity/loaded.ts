import type { Evaluation, Impact } from './evaluation.ts';
import type { Linker } from './linker.ts';
import type { ModuleParts } from './module-parts.ts';
import type { Reference } from './references.ts';

/** What is loaded with some modules. */
export interface Loaded {
  /** Each after all that it imports, and each once. */
  modules: ReadonlySet<ModuleParts>;
  /** What loading them does to other code, in order. */
  impacts: readonly Impact[];
  /** Packages that are imported for nothing but what loading them does. */
  bare: readonly { folder: string; specifier: string }[];
}

/** Works out what is loaded with which modules, and answers the same question again from memory. */
export class Loading {
  private readonly linker: Linker;
  private readonly evaluation: Evaluation;
  private readonly imports = new Map<ModuleParts, ModuleParts[]>();
  private readonly answers = new Map<string, Loaded>();

  constructor(linker: Linker, evaluation: Evaluation) {
    this.linker = linker;
    this.evaluation = evaluation;
  }

  /** What is loaded with these, or with the entry and then these. */
  of(modules: ReadonlySet<ModuleParts>, entry?: ModuleParts): Loaded {
    if (!entry) return this.loaded(modules);
    const first = this.loaded(new Set([entry]));
    const further = [...modules].filter((each) => !first.modules.has(each));
    return further.length ? this.loaded(new Set([entry, ...further])) : first;
  }

  private loaded(entries: ReadonlySet<ModuleParts>): Loaded {
    const key = [...entries].map(({ source }) => source.file).join('\n');
    let loaded = this.answers.get(key);
    if (!loaded) {
      const modules = this.order(entries);
      const impacts = [...modules].flatMap((module) => this.evaluation.of(module));
      loaded = { modules, impacts, bare: [...modules].flatMap((module) => this.bareImports(module)) };
      this.answers.set(key, loaded);
    }
    return loaded;
  }

  private order(entries: ReadonlySet<ModuleParts>): Set<ModuleParts> {
    const order = new Set<ModuleParts>();
    const begun = new Set<ModuleParts>();
    // A stack of its own: a chain of imports may be longer than the call stack is deep.
    const waiting = [...entries].reverse();
    for (let module = waiting.pop(); module; module = waiting.pop()) {
      if (begun.has(module)) {
        order.add(module);
        continue;
      }
      begun.add(module);
      waiting.push(module);
      for (const each of this.importedBy(module).toReversed()) if (!begun.has(each)) waiting.push(each);
    }
    return order;
  }

  /** The modules that a module imports, without those that it imports for types alone. */
  private importedBy(module: ModuleParts): ModuleParts[] {
    let imported = this.imports.get(module);
    if (!imported) {
      const used = namesUsed(module);
      const isLoaded = ({ locals }: { reference: Reference; locals?: string[] }) => !locals || locals.some((name) => used.has(name));
      imported = module.before.filter(isLoaded).flatMap(({ reference }) => this.linker.moduleOf(module, reference) ?? []);
      this.imports.set(module, imported);
    }
    return imported;
  }

  private bareImports(module: ModuleParts) {
    return module.before.flatMap(({ reference, bare }) => {
      const lead = bare ? this.linker.lead(module, reference) : undefined;
      return lead?.to === 'package' ? [{ folder: lead.folder, specifier: reference.specifier }] : [];
    });
  }
}

const known = new WeakMap<ModuleParts, Set<string>>();

/** The names of a module that are used when it runs. */
function namesUsed(module: ModuleParts): Set<string> {
  let names = known.get(module);
  if (!names) {
    names = new Set(module.parts.flatMap((part) => part.canonical().mentions.map(({ name }) => name)));
    for (const each of module.exports.values()) if ('local' in each) names.add(each.local);
    known.set(module, names);
  }
  return names;
}
