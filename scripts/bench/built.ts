import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIST = join(ROOT, 'dist');
const COMMAND = join(DIST, 'cli', 'main.js');

/** dist/, or why it cannot be measured: figures of another state of the code would look like any other. */
export function builtPackage(): { dist: string } | { dist: undefined; why: string } {
  if (!existsSync(COMMAND)) return { dist: undefined, why: 'There is no dist/' };
  const folders = readdirSync(DIST, { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(join(ROOT, entry.name)));
  const atRoot = typeScript(ROOT, false).filter((file) => existsSync(join(DIST, basename(file).replace(/\.ts$/, '.js'))));
  const sources = [...atRoot, ...folders.flatMap(({ name }) => typeScript(join(ROOT, name), true))];
  const built = statSync(COMMAND).mtimeMs;
  const newer = sources.find((file) => statSync(file).mtimeMs > built);
  return newer ? { dist: undefined, why: `dist/ is older than ${newer}` } : { dist: DIST };
}

const typeScript = (folder: string, recursive: boolean) =>
  readdirSync(folder, { encoding: 'utf8', recursive })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
