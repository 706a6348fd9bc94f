import { dirname } from 'node:path';
import type { Launchable } from '../launch.ts';
import { findPipeline, loadModule, parseModuleArgument } from '../loader/index.ts';
import { UsageError } from '../pipelines/errors.ts';
import { findProject, type Project } from '../stacks/project.ts';

/**
 * The pipeline that a MODULE argument names, and the project it belongs to.
 * @throws UsageError saying what is wrong with the module
 */
export async function loadTarget(argument: string): Promise<{ project: Project; target: Launchable }> {
  const { path, name } = parseModuleArgument(argument);
  const loaded = await loadModule(path);
  const { pipeline, exportName } = findPipeline(loaded, name);
  return { project: findProject(dirname(loaded.file)), target: { pipeline, module: loaded.file, exportName } };
}

/** All pipelines of some modules. */
export async function loadAll(modules: readonly string[]): Promise<Launchable[]> {
  const found: Launchable[] = [];
  for (const path of modules) {
    const loaded = await loadModule(path);
    for (const { pipeline, exportName } of loaded.pipelines) found.push({ pipeline, module: loaded.file, exportName });
  }
  return found;
}

/** The stack that a command was told to use must be the project's. Throws UsageError. */
export function checkStack(project: Project, stack: string | undefined): void {
  if (stack !== undefined && stack !== project.stack) {
    throw new UsageError(`--stack ${stack}: the project's stack is '${project.stack}'; set active_stack in flowyml.yaml or FLOWYML_STACK`);
  }
}

/**
 * The pipelines of the project's other modules, for a worker that a command starts by the way. One that cannot be loaded
 * is left out, and said so: it has nothing to do with the run that was asked for.
 */
export async function loadOthers(project: Project, module: string, say: (line: string) => void): Promise<Launchable[]> {
  const found: Launchable[] = [];
  for (const path of project.pipelines.filter((each) => each !== module)) {
    try {
      found.push(...(await loadAll([path])));
    } catch (error) {
      say(`Not served: ${(error as Error).message}`);
    }
  }
  return found;
}
