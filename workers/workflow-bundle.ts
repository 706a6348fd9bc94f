import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Traced: with OpenTelemetry's interceptors, twice the code, so only where traces are made. */
export interface BundleOptions {
  traced?: boolean;
}

/** The module with OpenTelemetry's interceptors for workflows. */
export const tracedWorkflows = () =>
  fileURLToPath(import.meta.resolve('@temporalio/interceptors-opentelemetry/lib/workflow-interceptors.js'));

/** The name of a built bundle's file. */
export const bundleFile = ({ traced = false }: BundleOptions = {}) => (traced ? 'bundle-traced.js' : 'bundle.js');

/**
 * The file that holds the workflows' code: built with the package, or, where flowyml runs from source, built when the
 * sources or the SDK changed. Building takes 2 s; a worker that finds it built starts without webpack.
 */
export async function workflowBundle(options: BundleOptions = {}): Promise<string> {
  if (!import.meta.url.endsWith('.ts')) return fileURLToPath(new URL(`../workflows/${bundleFile(options)}`, import.meta.url));
  const entry = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  const { codeHash } = await import('../identity/code-hash.ts');
  const file = join(
    dirname(entry),
    '..',
    'node_modules',
    '.cache',
    'flowyml',
    `workflows-${codeHash(entry).slice(0, 16)}-${bundleFile(options)}`,
  );
  if (!existsSync(file)) await buildWorkflowBundle(entry, file, options);
  return file;
}

/** Bundles the workflows into one file; another process may do so at the same time. */
export async function buildWorkflowBundle(entry: string, file: string, { traced = false }: BundleOptions = {}): Promise<void> {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: entry,
    logger: new DefaultLogger('ERROR'),
    ...(traced ? { workflowInterceptorModules: [tracedWorkflows()] } : {}),
  });
  await mkdir(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}`;
  await writeFile(part, code);
  await rename(part, file);
}
