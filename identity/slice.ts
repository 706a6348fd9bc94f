import type { Mention } from './canonical.ts';
import { dataHash } from './data.ts';
import type { Impact } from './evaluation.ts';
import type { Linker, Target } from './linker.ts';
import type { Loading } from './loaded.ts';
import type { ModuleParts, Part } from './module-parts.ts';
import type { Reference } from './references.ts';

/** Something that a step's identity is made of, as it is shown. */
export interface IdentityPart {
  kind: 'declaration' | 'package' | 'asset' | 'json' | 'also' | 'module';
  /** Such as `src/helper.ts:normalize`, relative to the project's folder. Never part of a hash. */
  name: string;
  hash: string;
}

/** Where a slice begins. */
export interface Roots {
  /** The code that makes the step. */
  parts: readonly { part: Part; label?: string }[];
  /** Declarations whose value is what that code makes: what changes them, changes it. */
  holders: readonly Part[];
}

/**
 * All code that some declarations reach, in an order that is the same wherever it stands: each piece gets a number when it is
 * first met, and its line says by number what its names stand for.
 */
export class Slice {
  readonly lines: string[] = [];
  readonly listed = new Map<string, IdentityPart>();
  readonly warnings = new Set<string>();
  readonly environment = new Map<string, string>();
  private readonly linker: Linker;
  private readonly numbers = new Map<Part, number>();
  private readonly waiting: Part[] = [];
  private readonly labels = new Map<Part, string>();
  private readonly loadedLater = new Set<ModuleParts>();
  private readonly bareImports = new Set<string>();
  private readonly within = new Set<ModuleParts>();
  private settingUp = false;

  constructor(linker: Linker) {
    this.linker = linker;
  }

  /** Takes in what the roots reach, then the code that prepares it as the modules are loaded. */
  take(roots: Roots, entry: ModuleParts, loading: Loading): void {
    for (const { part, label } of roots.parts) {
      if (label !== undefined) this.labels.set(part, label);
      this.number(part);
    }
    this.drain();
    this.settingUp = true;
    const own = roots.parts.map(({ part }) => part.module);
    const touched = new Set(roots.holders);
    for (let before = -1; before !== this.numbers.size; ) {
      before = this.numbers.size;
      const near = new Set([...own, ...this.loadedLater]);
      const close = loading.of(near);
      const all = loading.of(near, entry);
      for (const { folder, specifier } of all.bare) this.bareImports.add(`loads ${this.package(folder)} ${specifier}`);
      for (const impact of all.impacts) {
        if (this.concerns(impact, close.modules, touched)) this.number(impact.part);
        this.drain();
      }
    }
    this.lines.push(...this.bareImports);
  }

  /**
   * Whether code that runs at loading prepares what is here. A declaration far away that calls a package is there for its
   * value; a statement is there for what it does.
   */
  private concerns({ part, everywhere, on }: Impact, close: ReadonlySet<ModuleParts>, touched: ReadonlySet<Part>): boolean {
    if (this.numbers.has(part)) return false;
    if (everywhere && (part.kind === 'statement' || part.kind === 'whole' || close.has(part.module))) return true;
    for (const each of on) if (this.numbers.has(each) || touched.has(each)) return true;
    return false;
  }

  private number(part: Part): number {
    let number = this.numbers.get(part);
    if (number === undefined) {
      number = this.numbers.size;
      this.numbers.set(part, number);
      this.waiting.push(part);
    }
    return number;
  }

  private drain(): void {
    // A line adds to the parts that wait for theirs.
    for (const part of this.waiting) this.line(part);
    this.waiting.length = 0;
  }

  private line(part: Part): void {
    const { hash, mentions, references, environment, unseen } = part.canonical();
    const label = this.label(part);
    this.list('declaration', label, hash);
    const names = mentions.map((mention) => this.mention(part, mention));
    this.lines.push(JSON.stringify([hash, names, references.map((each) => this.reference(part, each))]));
    for (const name of environment) this.environment.set(name, label);
    for (const what of unseen) this.warnings.add(`${label}: ${what}`);
  }

  private mention(part: Part, { name, path, given }: Mention): string {
    // Code that prepares others may hand steps and pipelines about: what those do is their own matter.
    if (given && this.settingUp) return 'given';
    const { target, rest } = this.linker.name(part.module, name, path);
    return this.described(target, part) + rest.map((member) => `.${JSON.stringify(member)}`).join('');
  }

  private reference(part: Part, reference: Reference): string {
    const { module } = part;
    const target = this.linker.moduleOf(module, reference);
    if (target) this.loadedLater.add(target);
    // Named by its place, it may be started as a program.
    if (target && reference.kind === 'url') return `program[${target.parts.map((each) => this.number(each)).join('+')}]`;
    if (reference.kind === 'url' && !this.linker.lead(module, reference) && /^\.{0,2}\//.test(reference.specifier)) {
      this.warnings.add(`${this.label(part)}: the files in ${reference.specifier}`);
    }
    return this.described(this.linker.reference(module, reference), part);
  }

  private described(target: Target, from: Part): string {
    switch (target.to) {
      case 'parts':
        return `${target.parts.map((each) => this.numbered(each, target.name)).join('+')}`;
      case 'namespace':
        return this.namespace(target.module, from);
      case 'package':
        return `package ${this.package(target.folder)} ${target.specifier} ${target.name}`;
      case 'data':
        return this.data(target.file);
      case 'outside':
        return `${target.reference.specifier.replace(/^node:/, '')}#${target.name}`;
      case 'any':
        return `any[${target.targets.map((each) => this.described(each, from)).join(' ')}]`;
      case 'missing':
        return `missing ${target.specifier}`;
    }
  }

  /** A declaration may make several names: which of them is meant, by its place among them. */
  private numbered(part: Part, name: string): string {
    const number = this.number(part);
    if (part.kind === 'whole') return `${number}:${name}`;
    return part.names.length > 1 ? `${number}:${part.names.indexOf(name)}` : `${number}`;
  }

  private namespace(module: ModuleParts, from: Part): string {
    if (this.within.has(module)) return 'again';
    this.within.add(module);
    const names = this.linker.exportsOf(module).map(([name, target]) => `${name}=${this.described(target, from)}`);
    this.within.delete(module);
    return `all{${names.join(' ')}}`;
  }

  private package(folder: string): string {
    const { version, hash } = this.linker.package(folder);
    this.list('package', version, hash);
    return `${version} ${hash}`;
  }

  private data(file: string): string {
    const { kind, hash } = dataHash(file);
    this.list(kind, this.linker.shown(file), hash);
    return `${kind} ${hash}`;
  }

  list(kind: IdentityPart['kind'], name: string, hash: string): void {
    this.listed.set(`${kind} ${name}`, { kind, name, hash });
  }

  private label(part: Part): string {
    const given = this.labels.get(part);
    const file = this.linker.shown(part.module.source.file);
    if (given !== undefined) return `${file}:${given}`;
    const names = part.kind === 'whole' ? [] : part.names.map((name) => (name === '*default*' ? 'default' : name));
    if (names.length) return `${file}:${names.join(',')}`;
    const line = (part.module.source.text ?? '').slice(0, Math.max(part.node.start, 0)).split('\n').length;
    return part.kind === 'whole' && part.node.start <= 0 ? file : `${file}:line ${line}`;
  }
}
