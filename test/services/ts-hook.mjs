// Lets a bare `node` run the sources: types are taken out, nothing else.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'oxc-transform';

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = transformSync(fileURLToPath(url), await readFile(new URL(url), 'utf8'));
  return { format: 'module', source: code, shortCircuit: true };
}
