import { existsSync, realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '@temporalio/worker';
import { sha256OfBytes } from '../artifacts/hash.ts';
import { exportedNames } from '../identity/exported-names.ts';
import { UsageError } from '../pipelines/errors.ts';

const OURS = 'flowyml/workflows';

/**
 * Has the SDK bundle a module that exports a user's workflows and, as its default, flowyml's interpreter.
 * @throws UsageError where the user's module has a default export of its own, or a workflow with a pipeline's name
 */
export async function joinedWorkflows(
  { workflowsPath: path = '', bundlerOptions = {} }: Pick<WorkerOptions, 'workflowsPath' | 'bundlerOptions'>,
  pipelines: readonly string[],
): Promise<Pick<WorkerOptions, 'workflowsPath' | 'bundlerOptions'>> {
  const { names, default: from } = exportedNames(path);
  if (from !== undefined && from !== OURS)
    throw new UsageError(
      `${path} has a default export, which Temporal calls for every workflow type that no export has the name of; flowyml needs it: export that workflow by name`,
    );
  const both = pipelines.find((pipeline) => names.has(pipeline));
  if (both !== undefined) throw new UsageError(`${path} exports a workflow '${both}', and so is named a pipeline: rename one`);
  const interpreter = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? '../workflows/index.ts' : '../workflows/index.js', import.meta.url),
  );
  const code = [
    `export * from ${JSON.stringify(path)};`,
    // The user's own has it as well where it says so; a module may not say it twice.
    `export { default } from ${JSON.stringify(interpreter)};`,
    '',
  ].join('\n');
  const folder = cacheFor(path);
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${sha256OfBytes(code).slice(0, 16)}.mjs`);
  await writeFile(file, code);
  const webpackConfigHook: BundlerOptions['webpackConfigHook'] = (config) => {
    const { resolve } = config;
    // Whatever the user's own import finds: there must be one copy of it.
    const joined = { ...config, resolve: { ...resolve, alias: { ...resolve?.alias, [`${OURS}$`]: interpreter } } };
    return bundlerOptions.webpackConfigHook?.(joined) ?? joined;
  };
  return { workflowsPath: file, bundlerOptions: { ...bundlerOptions, webpackConfigHook } };
}

/** Where the SDK finds its own packages from: below the user's node_modules. */
function cacheFor(path: string): string {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    // The real one: the SDK puts a file of its own beside ours, in memory, where links lead nowhere.
    if (existsSync(modules)) return join(realpathSync(modules), '.cache', 'flowyml');
    if (folder === dirname(folder)) return join(tmpdir(), 'flowyml-workflows');
  }
}

type BundlerOptions = NonNullable<WorkerOptions['bundlerOptions']>;

/** The bundle of a user's workflow file with flowyml in it, as a worker with the plugin has it. */
export async function bundleOf(workflowsPath: string): Promise<{ code: string }> {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const joined = await joinedWorkflows({ workflowsPath }, []);
  const { code } = await bundleWorkflowCode({
    workflowsPath: joined.workflowsPath ?? workflowsPath,
    ...joined.bundlerOptions,
    logger: new DefaultLogger('ERROR'),
  });
  return { code };
}
