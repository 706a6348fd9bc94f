import { CHANGING, isReading } from './builtins.ts';
import { type Call, type Effects, effectsOf, type Mode } from './effects.ts';
import { isFlowymlCall } from './flowyml-calls.ts';
import { isFresh } from './freshness.ts';
import type { Linker } from './linker.ts';
import { endsLoading } from './loading.ts';
import { type ModuleParts, type Part, piece } from './module-parts.ts';
import { awaited, isFunction, isName, type Node, unwrap } from './syntax.ts';

/** Code that runs when its module is loaded, and what it may do to others by that. */
export interface Impact {
  part: Part;
  /** Any code may notice. */
  everywhere: boolean;
  /** Declarations that are not the same afterwards. */
  on: ReadonlySet<Part>;
}

/** Works out, module by module, what loading them does. */
export class Evaluation {
  private readonly linker: Linker;
  private readonly impacts = new Map<ModuleParts, Impact[]>();

  constructor(linker: Linker) {
    this.linker = linker;
  }

  /** What loading a module does by its own top level, in order. */
  of(module: ModuleParts): Impact[] {
    let impacts = this.impacts.get(module);
    if (!impacts) {
      impacts = runs(module).flatMap((part) => this.impactOf(part));
      this.impacts.set(module, impacts);
    }
    return impacts;
  }

  private impactOf(part: Part): Impact[] {
    const summary = new Summary(this.linker, part);
    summary.on.delete(part);
    const everywhere = summary.everywhere || (part.node.type === 'Program' && summary.calls > 0);
    return everywhere || summary.on.size ? [{ part, everywhere, on: summary.on }] : [];
  }
}

/** The pieces of a module that run when it is loaded: all but functions, up to `await run(…)`. */
function runs(module: ModuleParts): Part[] {
  const found: Part[] = [];
  for (const part of module.parts) {
    if (part.kind === 'function' || part.kind === 'enum') continue;
    found.push(...(part.kind === 'variable' || part.kind === 'statement' || part.kind === 'value' ? split(part) : [part]));
    if (endsLoading(part.node, module.around.imported)) break;
  }
  return found;
}

/** A step that calls a package for one of its schemas matters to others by that call alone, not by all that it is. */
function split(part: Part): Part[] {
  const { node, module } = part;
  const value = node.type === 'VariableDeclarator' ? node.init : node.type === 'ExpressionStatement' ? node.expression : node;
  const call = awaited(value);
  if (call?.type !== 'CallExpression' || !isFlowymlCall(call, module.around.imported)) return [part];
  return given(call, module).map((each) => piece(module, each));
}

/** What flowyml is given, down to what is more than a literal, a name or a function. */
function given(value: Node | null | undefined, module: ModuleParts): Node[] {
  const node = awaited(value);
  if (!node || isFunction(node) || isName(node) || node.type === 'Literal') return [];
  if (node.type === 'CallExpression' && isFlowymlCall(node, module.around.imported)) {
    return [node.callee, ...node.arguments].flatMap((each) => given(each, module));
  }
  if (node.type === 'MemberExpression') return given(node.object, module);
  if (node.type === 'ArrayExpression') return node.elements.flatMap((each) => given(each, module));
  if (node.type === 'SpreadElement') return given(node.argument, module);
  if (node.type === 'ObjectExpression')
    return node.properties.flatMap((each) => given(each.type === 'Property' ? each.value : each, module));
  return [node];
}

/** The effects of a piece of code and of all that it calls, wherever that is. */
class Summary {
  everywhere = false;
  calls = 0;
  readonly on = new Set<Part>();
  private readonly linker: Linker;
  private readonly seen = new Set<Effects>();
  private readonly waiting: { effects: Effects; module: ModuleParts }[] = [];
  private readonly receivers = new Set<Part>();
  private flags = { this: false, given: false, calls: false };

  constructor(linker: Linker, part: Part) {
    this.linker = linker;
    this.add(part, part.node, 'load');
    this.drain();
    if (this.flags.calls) {
      // Who calls what it was given may call all that can be reached from here.
      for (const each of reach(linker, part)) this.add(each, each.node, 'all');
      this.drain();
    }
    if (this.flags.given) for (const each of reach(linker, part)) if (each.kind !== 'function') this.on.add(each);
    if (this.flags.this) for (const each of this.receivers) this.on.add(each);
  }

  private add({ module }: Part, node: Node, mode: Mode): Effects {
    const effects = effectsOf(node, mode, module);
    if (!this.seen.has(effects)) this.waiting.push({ effects, module });
    this.seen.add(effects);
    return effects;
  }

  private drain(): void {
    for (let next = this.waiting.pop(); next; next = this.waiting.pop()) {
      const { effects, module } = next;
      this.everywhere ||= effects.everywhere;
      this.flags.this ||= effects.changesThis;
      this.flags.given ||= effects.changesGiven;
      this.flags.calls ||= effects.callsGiven;
      for (const name of effects.sets) for (const part of module.declared.get(name) ?? []) this.on.add(part);
      for (const name of effects.changes) this.change(module, name);
      for (const call of effects.calls) this.call(module, call);
    }
  }

  private change(module: ModuleParts, name: string): void {
    const { target } = this.linker.name(module, name, []);
    if (target.to !== 'parts') this.everywhere = true;
    else for (const part of target.parts) this.changed(part);
  }

  private changed(part: Part): void {
    this.on.add(part);
    // Another name for something that others hold too.
    if (!isNew(part)) this.everywhere = true;
  }

  private call(module: ModuleParts, { name, path, whole, isNew }: Call): void {
    this.calls++;
    const { target, rest } = this.linker.name(module, name, path);
    if (target.to === 'outside' || target.to === 'data') return;
    if (target.to !== 'parts') {
      this.everywhere = true;
      return;
    }
    const method = rest.at(-1);
    for (const part of target.parts) {
      if (method !== undefined && CHANGING.has(method)) this.changed(part);
      if (method !== undefined && (CHANGING.has(method) || isReading(method)) && !hasMethods(part)) continue;
      if (method !== undefined) this.receivers.add(part);
      const value = part.node.type === 'VariableDeclarator' ? unwrap(part.node.init) : part.node;
      if (!value) continue;
      const runs = isFunction(value) || (isNew && /^Class/.test(value.type));
      const effects = this.add(part, value, runs && !whole && method === undefined ? 'run' : 'all');
      if (effects.callsThis) this.add(part, value, 'all');
    }
  }
}

/** Whether a declaration's value is new: nobody else holds it. */
function isNew({ kind, node, module }: Part): boolean {
  if (node.type !== 'VariableDeclarator') return kind === 'function' || kind === 'class' || kind === 'enum';
  const value = awaited(node.init);
  return isName(node.id) && (isFresh(value) || (value?.type === 'CallExpression' && isFlowymlCall(value, module.around.imported)));
}

/** Whether a value may have methods of its own under the names of arrays' and maps'. */
function hasMethods({ node }: Part): boolean {
  const value = node.type === 'VariableDeclarator' ? unwrap(node.init) : node;
  if (value?.type === 'NewExpression') return !(isName(value.callee) && /^(?:Map|Set|Array|Date|WeakMap|WeakSet)$/.test(value.callee.name));
  return value?.type === 'ObjectExpression' || value?.type === 'ClassExpression' || value?.type === 'ClassDeclaration';
}

/** All that code reaches, what it gives to flowyml left out. */
function reach(linker: Linker, start: Part): Set<Part> {
  const found = new Set([start]);
  for (const part of found) {
    for (const { name, path, given } of part.canonical().mentions) {
      if (given) continue;
      const { target } = linker.name(part.module, name, path);
      if (target.to === 'parts') for (const each of target.parts) found.add(each);
      if (target.to === 'namespace') {
        for (const [, each] of linker.exportsOf(target.module)) if (each.to === 'parts') for (const one of each.parts) found.add(one);
      }
    }
  }
  return found;
}
