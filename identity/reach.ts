import type { Linker, Target } from './linker.ts';
import type { Part } from './module-parts.ts';

/** What code reaches: declarations of the project, and whether anything else (but flowyml). */
export interface Reach {
  parts: ReadonlySet<Part>;
  outside: boolean;
}

/** All that code reaches, itself included; what it gives to flowyml left out. */
export function reachOf(linker: Linker, start: Part): Reach {
  const parts = new Set([start]);
  let outside = false;
  const take = (target: Target): void => {
    if (target.to === 'parts') for (const each of target.parts) parts.add(each);
    else if (target.to === 'namespace') for (const [, each] of linker.exportsOf(target.module)) if (each.to !== 'namespace') take(each);
    if (target.to === 'package' || target.to === 'data' || target.to === 'missing' || target.to === 'any') outside = true;
    if (target.to === 'outside' && !/^flowyml(?:\/|$)/.test(target.reference.specifier)) outside = true;
  };
  for (const part of parts) {
    for (const { name, path, given } of part.canonical().mentions) if (!given) take(linker.name(part.module, name, path).target);
  }
  return { parts, outside };
}
