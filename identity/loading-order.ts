import type { Linker } from './linker.ts';
import type { ModuleParts } from './module-parts.ts';

/** The modules that are loaded with these, each after all that it imports, and each once. */
export function loadingOrder(linker: Linker, entries: readonly ModuleParts[]): ModuleParts[] {
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
    for (const each of imported(linker, module).reverse()) if (!begun.has(each)) waiting.push(each);
  }
  return [...order];
}

/** The modules that a module imports, without those that it imports for types alone. */
function imported(linker: Linker, module: ModuleParts): ModuleParts[] {
  const used = namesUsed(module);
  return module.before.flatMap(({ reference, locals }) => {
    if (locals && !locals.some((name) => used.has(name))) return [];
    return linker.moduleOf(module, reference) ?? [];
  });
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
