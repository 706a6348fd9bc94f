import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUILT = fileURLToPath(new URL('../workflows/bundle.js', import.meta.url));

/**
 * The file that holds the workflows' code: built with the package, or, where flowyml runs from source, built when the
 * sources or the SDK changed. Building takes 2 s; a worker that finds it built starts without webpack.
 */
export async function workflowBundle(): Promise<string> {
  if (!import.meta.url.endsWith('.ts')) return BUILT;
  const entry = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  const { codeHash } = await import('../identity/code-hash.ts');
  const file = join(dirname(entry), '..', 'node_modules', '.cache', 'flowyml', `workflows-${codeHash(entry).slice(0, 16)}.js`);
  if (!existsSync(file)) await buildWorkflowBundle(entry, file);
  return file;
}

/** Bundles the workflows into one file; another process may do so at the same time. */
export async function buildWorkflowBundle(entry: string, file: string): Promise<void> {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({ workflowsPath: entry, logger: new DefaultLogger('ERROR') });
  await mkdir(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}`;
  await writeFile(part, code);
  await rename(part, file);
}
