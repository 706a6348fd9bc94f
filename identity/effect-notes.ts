import { isBuiltin } from 'node:module';
import { CALLING, CHANGES_FIRST, CHANGING, HARMLESS, isReading, KEEPING, PROCESS } from './builtins.ts';
import type { Surroundings } from './canonical.ts';
import type { Effects } from './effects.ts';
import { type Imported, isFlowyml } from './flowyml-calls.ts';
import { isFresh, unfreshNames } from './freshness.ts';
import { isZod } from './loading.ts';
import { chainOf, isName, type Node, unwrap } from './syntax.ts';

// What CommonJS exports by.
const EXPORTS = new Set(['module', 'exports']);

/** What a call is known to do with functions among its arguments. */
export type Arguments = 'called' | 'kept';

/** Takes down what single calls and assignments do, given what their names mean at that place. */
export class EffectNotes {
  readonly effects: Effects = {
    everywhere: false,
    sets: new Set(),
    changes: new Map(),
    changesThis: false,
    callsThis: false,
    changesGiven: false,
    callsGiven: false,
    calls: [],
  };
  readonly scopes: Set<string>[] = [];
  private readonly around: Surroundings;
  private readonly unfresh: ReadonlySet<string>;

  constructor(code: Node, around: Surroundings) {
    this.around = around;
    this.unfresh = unfreshNames(code);
  }

  readonly imported: Imported = (name) => (this.where(name) === 'top' ? this.around.imported(name) : undefined);

  where(name: string): 'local' | 'top' | 'global' {
    if (this.scopes.some((scope) => scope.has(name))) return 'local';
    return this.around.names.has(name) ? 'top' : 'global';
  }

  /** An expression is called. `whole`: so may be what it returns. `first` is the first argument. */
  call(callee: Node, { whole, isNew = false, first }: { whole: boolean; isNew?: boolean; first?: Node }): Arguments {
    const { root, path } = chainOf(callee);
    if (root?.type === 'ThisExpression') this.effects.callsThis = true;
    const method = path.at(-1);
    const where = isName(root) ? this.where(root.name) : undefined;
    if (isName(root) && where === 'global') return this.callGlobal(root.name, path, first);
    if (isName(root) && where === 'top') {
      if (isHarmless(this.imported(root.name)?.specifier)) return 'called';
      const result = path.indexOf('()');
      this.effects.calls.push({ name: root.name, path: result < 0 ? path : path.slice(0, result), whole: whole || result >= 0, isNew });
      // Whether the project's own functions call what they are given, a look at them shows.
      if (result < 0) return method !== undefined && CALLING.has(method) ? 'called' : 'kept';
    }
    if (method === undefined) {
      if (isName(root) && this.unfresh.has(root.name)) this.effects.callsGiven = true;
      return 'called';
    }
    this.callMethod(callee, method);
    return useOf(method);
  }

  private callMethod(callee: Node, method: string): void {
    const inner = unwrap(callee);
    const object = inner.type === 'MemberExpression' ? inner.object : inner;
    if (CHANGING.has(method)) this.change(object);
    else if (!isReading(method) && !this.isOwn(object)) {
      this.effects.callsGiven = true;
      this.effects.changesGiven = true;
    }
  }

  private callGlobal(name: string, path: readonly string[], first: Node | undefined): Arguments {
    if (CHANGES_FIRST.has(`${name}.${path[0]}`)) {
      if (first && !isFresh(first)) this.change(first);
    } else if (path.includes('prototype')) {
      // `Array.prototype.push.apply(list, more)`
      this.effects.changesGiven = true;
    } else if (name === 'process' ? !PROCESS.has(path[0] ?? '') : !HARMLESS.has(name)) this.effects.everywhere = true;
    return KEEPING.has(name) && !CALLING.has(path.at(-1) ?? '') ? 'kept' : 'called';
  }

  /** A name gets another value. */
  set(name: string): void {
    const where = this.where(name);
    if (where === 'top') this.effects.sets.add(name);
    else if (where === 'global') this.effects.everywhere = true;
  }

  /** A member of this value is set, or a method of it called that changes it. */
  change(value: Node): void {
    const { effects } = this;
    const { root, path } = chainOf(value);
    if (root?.type === 'ThisExpression') {
      effects.changesThis = true;
      effects.changesGiven ||= path.length > 0;
      return;
    }
    const where = isName(root) && !path.includes('()') ? this.where(root.name) : undefined;
    if (!isName(root) || where === undefined) effects.changesGiven ||= !isFresh(value);
    else if (where === 'top') effects.changes.set(root.name, (effects.changes.get(root.name) ?? false) || path.length > 0);
    else if (where === 'global') effects.everywhere ||= !EXPORTS.has(root.name);
    else effects.changesGiven ||= path.length > 0 || this.unfresh.has(root.name);
  }

  /** Whether a value is held by nobody else. */
  private isOwn(value: Node): boolean {
    const node = unwrap(value);
    if (isName(node)) return this.where(node.name) === 'local' && !this.unfresh.has(node.name);
    return node.type === 'ThisExpression' || node.type === 'Super' || isFresh(node);
  }
}

/** Whether functions of a module do nothing to the project's code. */
const isHarmless = (specifier: string | undefined) =>
  specifier !== undefined && (isFlowyml(specifier) || isZod(specifier) || isBuiltin(specifier));

/** What a method of this name does with functions, if it is the one of plain data that it seems to be. */
const useOf = (method: string): Arguments => (!CALLING.has(method) && (CHANGING.has(method) || isReading(method)) ? 'kept' : 'called');
