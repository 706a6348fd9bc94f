import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../pipelines/errors.ts';
import { nearest } from '../pipelines/names.ts';

const LOADABLE = ['.ts', '.mts', '.tsx', '.cts', '.js', '.mjs', '.cjs'];

/** A MODULE as users write it: `pipelines/training.ts`, or `pipelines/training.ts#nightly` for one of several pipelines. */
export interface ModuleArgument {
  path: string;
  name?: string;
}

/** Splits `a/b.ts#name`; a `#` in a folder's name is left alone. */
export function parseModuleArgument(argument: string): ModuleArgument {
  const match = /^(.+)#([\w$-]+)$/.exec(argument);
  return match?.[1] && match[2] ? { path: match[1], name: match[2] } : { path: argument };
}

/** The path as a user would write it: relative to the working folder where it lies below. */
export function shownPath(file: string): string {
  const short = relative(process.cwd(), file);
  return short && !short.startsWith('..') ? short : file;
}

/**
 * The real path of the module that a user names.
 * @throws UsageError where there is none, or it is not a module
 */
export function moduleFile(path: string): string {
  const given = resolve(path.startsWith('file:') ? fileURLToPath(path) : path);
  const stats = statSync(given, { throwIfNoEntry: false });
  if (!stats) throw new UsageError(`${path} does not exist${suggestion(given)}`);
  if (stats.isDirectory()) {
    const inside = modulesIn(given).slice(0, 10);
    throw new UsageError(`${path} is a folder: name a module${inside.length ? ` in it (${inside.join(', ')})` : ''}`);
  }
  if (!LOADABLE.includes(extname(given))) {
    throw new UsageError(`${path} is not a TypeScript or JavaScript module: expected a file ending in ${LOADABLE.join(', ')}`);
  }
  return realpathSync(given);
}

function suggestion(missing: string): string {
  const folder = dirname(missing);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return `: there is no folder ${shownPath(folder)}`;
  const name = basename(missing);
  const modules = modulesIn(folder);
  const near = modules.find((each) => each.startsWith(`${name}.`) || sameStem(each, name)) ?? nearest(name, modules);
  if (near) return `; did you mean '${near}'?`;
  return modules.length ? `; modules in that folder: ${modules.slice(0, 20).join(', ')}` : ': that folder has no modules';
}

const sameStem = (a: string, b: string) => a.slice(0, -extname(a).length) === b.slice(0, -extname(b).length);

const modulesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => LOADABLE.includes(extname(name)) && !/\.d\.[cm]?ts$/.test(name))
    .sort();
