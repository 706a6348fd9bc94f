import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnyStep } from '../pipelines/step.ts';
import { sha256 } from './data.ts';
import type { IdentityPart } from './slice.ts';
import { sourceFile } from './source-file.ts';

/** What a step says that its results depend on beside its code: `cache: { also: ['./words.txt', 'REGION'] }`. */
export function alsoNamed(step: AnyStep): (string | URL)[] {
  const { cache } = step as { cache?: unknown };
  const also = typeof cache === 'object' && cache !== null && 'also' in cache ? cache.also : [];
  return (Array.isArray(also) ? also : [also]).filter((each) => typeof each === 'string' || each instanceof URL);
}

/** A word is a variable of the environment; `./word`, `word.txt` and `dir/word` are files. */
export const isVariable = (name: string | URL): name is string => typeof name === 'string' && /^[A-Za-z_]\w*$/.test(name);

/**
 * The parts that a step names by itself. Files and folders are looked for beside the file that makes the step, then in the
 * project's folder. `warn` gets what was not found: that counts too, so that it is noticed when it comes.
 */
export function alsoParts(step: AnyStep, makerFile: string | undefined, root: string, warn: (text: string) => void): IdentityPart[] {
  return alsoNamed(step).map((name) => {
    if (isVariable(name)) return { kind: 'also', name, hash: sha256(`variable ${process.env[name] ?? '(not set)'}`) };
    const path = find(name, makerFile, root);
    const shown = path ? relative(root, path).split(sep).join('/') : String(name);
    if (!path) warn(`cache.also: there is no file '${name}'`);
    return { kind: 'also', name: shown, hash: path ? contentHash(path) : sha256('missing') };
  });
}

function find(name: string | URL, makerFile: string | undefined, root: string): string | undefined {
  const path = typeof name === 'string' && !name.startsWith('file:') ? name : fileURLToPath(name);
  const places = [...(makerFile ? [dirname(makerFile)] : []), root].map((folder) => resolve(folder, path));
  return places.find((each) => statSync(each, { throwIfNoEntry: false }));
}

/** Of a file its bytes; of a folder the names and bytes of all that is in it. */
function contentHash(path: string): string {
  if (!statSync(path).isDirectory()) return sourceFile(path).hash;
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const lines = files.map((each) => {
    const file = join(each.parentPath ?? each.path, each.name);
    return `${JSON.stringify(relative(path, file).split(sep).join('/'))} ${sourceFile(file).hash}`;
  });
  return sha256(lines.sort().join('\n'));
}
