import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Imports a module that a stack names, TypeScript or JavaScript: an absolute path, or the name of a package. */
export async function importPlugin(module: string): Promise<unknown> {
  await import(new URL('./register.mjs', import.meta.url).href);
  return import(isAbsolute(module) ? pathToFileURL(module).href : module);
}
