import { dirname } from 'node:path';
import { Linker } from './linker.ts';
import type { ModuleParts } from './module-parts.ts';

/** The names that a module exports. */
export interface ExportedNames {
  /** Also those of `export * from` other files of the project; not `default`. */
  names: ReadonlySet<string>;
  /** Where its default export comes from: a package, or `'itself'`; undefined where it has none. */
  default: string | undefined;
}

/**
 * What a module exports, read from its text: nothing of it runs.
 * @throws what `fs` throws where the file cannot be read
 */
export function exportedNames(file: string): ExportedNames {
  const linker = new Linker(dirname(file));
  const root = linker.moduleAt(file);
  const names = new Set<string>();
  const seen = new Set<ModuleParts>();
  const collect = (module: ModuleParts) => {
    if (seen.has(module)) return;
    seen.add(module);
    for (const name of module.exports.keys()) if (name !== 'default') names.add(name);
    for (const star of module.stars) {
      const next = linker.moduleOf(module, star);
      if (next) collect(next);
    }
  };
  collect(root);
  const own = root.exports.get('default');
  return { names, default: own && ('reference' in own ? own.reference.specifier : 'itself') };
}
