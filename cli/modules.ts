import { dirname } from 'node:path';
import type { Launchable } from '../launch.ts';
import { findPipeline, type LoadedModule, loadModule, parseModuleArgument } from '../loader/index.ts';
import { compile } from '../pipelines/compile.ts';
import { compileTarget, findProject, type Project } from '../stacks/project.ts';
import { EXIT } from './errors.ts';

/**
 * The pipeline that a MODULE argument names, and the project it belongs to.
 * @throws UsageError saying what is wrong with the module
 */
export async function loadTarget(argument: string, stack?: string): Promise<{ project: Project; target: Launchable }> {
  const { path, name } = parseModuleArgument(argument);
  const loaded = await load(path);
  const { pipeline, exportName } = findPipeline(loaded, name);
  return { project: findProject(dirname(loaded.file), { stack }), target: { pipeline, module: loaded.file, exportName } };
}

/** All pipelines of some modules. */
export async function loadAll(modules: readonly string[]): Promise<Launchable[]> {
  const found: Launchable[] = [];
  for (const path of modules) {
    const loaded = await load(path);
    for (const { pipeline, exportName } of loaded.pipelines) found.push({ pipeline, module: loaded.file, exportName });
  }
  return found;
}

/** Loads a module. What it prints meanwhile goes to stderr: stdout is for what the command was asked for. */
async function load(path: string): Promise<LoadedModule> {
  const ended = () => {
    console.error(`flowyml: ${path} ended the process while it was loaded: it calls process.exit(), or awaits what never comes`);
    process.exitCode = EXIT.usage;
  };
  process.on('exit', ended);
  const { write } = process.stdout;
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof write;
  try {
    return await loadModule(path);
  } finally {
    process.stdout.write = write;
    process.off('exit', ended);
  }
}

/**
 * The pipelines of modules that a worker serves by the way, beside those it was started for. What cannot be loaded or
 * compiled is left out, and said so: it has nothing to do with what was asked for.
 */
export async function loadOthers(
  project: Project,
  modules: readonly string[],
  asked: readonly Launchable[],
  say: (line: string) => void,
): Promise<Launchable[]> {
  const place = compileTarget(project);
  const found: Launchable[] = [];
  for (const path of modules) {
    try {
      for (const each of await loadAll([path])) {
        const { pipeline, module } = each;
        const same = [...asked, ...found].find((other) => other.pipeline.name === pipeline.name);
        if (same && same.module !== module)
          say(`Not served: pipeline '${pipeline.name}' of ${module}, as ${same.module} has one of that name`);
        if (same) continue;
        compile(pipeline, place);
        found.push(each);
      }
    } catch (error) {
      say(`Not served: ${(error as Error).message}`);
    }
  }
  return found;
}
