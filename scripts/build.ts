import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWorkflowBundle, bundleFile } from '../workers/workflow-bundle.ts';

// Makes dist/: compiled code with types, what is not compiled (migrations, the loader's hooks), and the workflow bundle.
// It is made aside and put in place whole: whoever runs from dist meanwhile never finds half of it.

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const made = join(root, 'node_modules', '.cache', 'flowyml', `dist-${process.pid}`);

try {
  compile();
  copy();
  await bundle(false);
  await bundle(true);
  rmSync(dist, { recursive: true, force: true });
  renameSync(made, dist);
} finally {
  rmSync(made, { recursive: true, force: true });
}

function compile(): void {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', made], { stdio: 'inherit' });
}

function copy(): void {
  cpSync(join(root, 'metadata', 'migrations'), join(made, 'metadata', 'migrations'), { recursive: true });
  for (const file of readdirSync(join(root, 'loader'))) {
    if (file.endsWith('.mjs')) cpSync(join(root, 'loader', file), join(made, 'loader', file));
  }
}

async function bundle(traced: boolean): Promise<void> {
  const file = join(made, 'workflows', bundleFile({ traced }));
  await buildWorkflowBundle(join(made, 'workflows', 'index.js'), file, { traced });
  writeFileSync(file, portable(readFileSync(file, 'utf8')));
}

/**
 * The bundle as every machine would build it: files are named from the package on, also in its source map, which the worker
 * needs for stacks. The text of the sources, half of the whole, it does not need, nor the name of a file that nobody sees.
 */
function portable(code: string): string {
  const renamed = (text: string) => text.replaceAll(relative(root, made), 'dist').replaceAll(root, '');
  const at = code.lastIndexOf('base64,') + 'base64,'.length;
  const { file, sourcesContent, ...map } = JSON.parse(Buffer.from(code.slice(at), 'base64').toString());
  return renamed(code.slice(0, at)) + Buffer.from(renamed(JSON.stringify(map))).toString('base64');
}
