import { CHANGING, isReading } from './builtins.ts';
import { type Call, type Effects, effectsOf, type Mode } from './effects.ts';
import type { Linker } from './linker.ts';
import type { ModuleParts, Part } from './module-parts.ts';
import { reachOf } from './reach.ts';
import { isFunction, type Node } from './syntax.ts';
import { definesMethod, hasMethods, initialValue, isFunctionPart, isNew, isSchema } from './values.ts';

/** The effects of a piece of code as it is loaded, with those of all that it calls, wherever that is. */
export class Summary {
  /** Any code may notice. */
  everywhere = false;
  /** Declarations whose value it changes. */
  readonly on = new Set<Part>();
  /** Whether it calls anything of the project. */
  calls = false;
  private readonly linker: Linker;
  private readonly seen = new Set<Effects>();
  private readonly waiting: { effects: Effects; module: ModuleParts }[] = [];
  private readonly receivers = new Set<Part>();
  private changesThis = false;
  private changesGiven = false;
  private callsGiven = false;

  constructor(linker: Linker, part: Part) {
    this.linker = linker;
    this.add(part, part.node, 'load');
    this.drain();
    if (this.callsGiven) {
      // Who calls what it was given may call all that can be reached from here.
      for (const each of reachOf(linker, part).parts) this.add(each, each.node, 'all');
      this.drain();
    }
    if (this.changesGiven) this.changeAll(reachOf(linker, part).parts);
    if (this.changesThis) this.changeAll(this.receivers);
    this.on.delete(part);
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
      this.changesThis ||= effects.changesThis;
      this.changesGiven ||= effects.changesGiven;
      this.callsGiven ||= effects.callsGiven;
      for (const name of effects.sets) for (const part of module.declared.get(name) ?? []) this.on.add(part);
      for (const [name, deep] of effects.changes) this.change(module, name, deep);
      for (const call of effects.calls) this.call(module, call);
    }
  }

  private change(module: ModuleParts, name: string, deep: boolean): void {
    const { target } = this.linker.name(module, name, []);
    if (target.to === 'parts') for (const part of target.parts) this.changed(part, deep);
    else this.everywhere = true;
  }

  /** `deep`: not the value itself changes, but something that it holds. */
  private changed(part: Part, deep: boolean): void {
    this.on.add(part);
    if (isNew(part) && !deep) return;
    // Others may have it under another name.
    const { parts, outside } = reachOf(this.linker, part);
    if (outside) this.everywhere = true;
    else this.changeAll(parts);
  }

  private changeAll(parts: Iterable<Part>): void {
    for (const part of parts) if (!isFunctionPart(part)) this.on.add(part);
  }

  private call(module: ModuleParts, { name, path, whole, isNew: constructs }: Call): void {
    this.calls = true;
    const { target, rest } = this.linker.name(module, name, path);
    if (target.to === 'outside' || target.to === 'data') return;
    if (target.to !== 'parts') {
      this.everywhere = true;
      return;
    }
    const method = rest.at(-1);
    for (const part of target.parts) {
      if (method !== undefined) this.callMethod(part, method, rest.length > 1);
      else {
        const value = initialValue(part);
        const runs = !whole && value && (isFunction(value) || (constructs && /^Class/.test(value.type)));
        if (value && this.add(part, value, runs ? 'run' : 'all').callsThis) this.add(part, value, 'all');
      }
    }
  }

  private callMethod(part: Part, method: string, deep: boolean): void {
    if (CHANGING.has(method)) this.changed(part, deep);
    else if (!isReading(method) && !isSchema(this.linker, part) && (deep || !definesMethod(this.linker, part, method))) {
      this.changed(part, deep);
    }
    if (method === 'call' || method === 'apply') this.changesGiven = true;
    if ((CHANGING.has(method) || isReading(method)) && !hasMethods(part)) return;
    this.receivers.add(part);
    const value = initialValue(part);
    if (value) this.add(part, value, 'all');
  }
}
