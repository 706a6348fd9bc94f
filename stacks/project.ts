import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { UsageError } from '../pipelines/errors.ts';
import type { GroupLimits } from '../pipelines/group-limits.ts';
import { hint, nameProblem } from '../pipelines/names.ts';
import { type Configuration, readConfiguration } from './configuration.ts';

/** A project: the folder of its flowyml.yaml, and what that says. */
export interface Project {
  /** Absolute. */
  root: string;
  /** Names the task queues. */
  name: string;
  /** The stack in use. */
  stack: string;
  /** Modules whose pipelines every worker of the project serves; absolute. */
  pipelines: string[];
  /** What the file says about execution groups: it wins over pipelines. */
  groups?: Readonly<Record<string, GroupLimits>> | undefined;
  /** The folder of the stack's artifact store. */
  artifactPath: string;
  /** The folder of the embedded PostgreSQL, where flowyml.yaml names one. */
  metadataPath?: string;
}

const FILES = ['flowyml.yaml', 'flowyml.yml'];

/**
 * The project that a module or folder belongs to: the nearest flowyml.yaml upward from it, else the working folder with
 * its defaults. `FLOWYML_PROJECT` and `FLOWYML_STACK` win over the file.
 * @throws UsageError for a mistake in the file, with its line
 */
export function findProject(from: string = process.cwd()): Project {
  const file = nearestFile(resolve(from));
  const configuration: Configuration = file ? readConfiguration(readText(file), file) : {};
  const root = file ? dirname(file) : process.cwd();
  const name = process.env.FLOWYML_PROJECT || configuration.project || 'flowyml';
  const problem = nameProblem('project', name);
  if (problem) throw new UsageError(`${process.env.FLOWYML_PROJECT ? 'FLOWYML_PROJECT' : file}: ${problem}`);
  const { stack, artifactPath, metadataPath } = chosenStack(configuration, file ?? 'flowyml.yaml');
  const absolute = (path: string) => (isAbsolute(path) ? path : join(root, path));
  return {
    root,
    name,
    stack,
    pipelines: modules(root, configuration.pipelines),
    groups: Object.fromEntries(Object.entries(configuration.groups ?? {}).map(([name, keys]) => [name, groupLimits(keys)])),
    artifactPath: absolute(artifactPath),
    ...(metadataPath === undefined ? {} : { metadataPath: absolute(metadataPath) }),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function nearestFile(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = FILES.map((name) => join(folder, name)).find(existsSync);
    if (file || folder === dirname(folder)) return file;
  }
}

function chosenStack(configuration: Configuration, file: string): { stack: string; artifactPath: string; metadataPath?: string } {
  const stacks = configuration.stacks ?? {};
  const known = [...new Set([...Object.keys(stacks), 'local'])];
  const stack = process.env.FLOWYML_STACK || configuration.active_stack || 'local';
  const said = process.env.FLOWYML_STACK ? 'FLOWYML_STACK' : `${file}: active_stack`;
  if (!known.includes(stack)) throw new UsageError(`${said}: no stack is named '${stack}'${hint(stack, known)}`);
  const { type = 'local', artifact_path = '.flowyml/artifacts', metadata_path } = stacks[stack] ?? {};
  if (type !== 'local')
    throw new UsageError(`${said}: stack '${stack}' is of type '${type}'; this version runs stacks of type 'local' only`);
  return { stack, artifactPath: artifact_path, ...(metadata_path === undefined ? {} : { metadataPath: metadata_path }) };
}

type GroupKeys = NonNullable<Configuration['groups']>[string];

const groupLimits = ({ max_concurrent, max_per_second }: GroupKeys): GroupLimits => ({
  ...(max_concurrent === undefined ? {} : { maxConcurrent: max_concurrent }),
  ...(max_per_second === undefined ? {} : { maxPerSecond: max_per_second }),
});

function modules(root: string, patterns: string | string[] = 'pipelines/*.ts'): string[] {
  return globSync(patterns, { cwd: root, absolute: true, ignore: ['**/node_modules/**', '**/*.d.ts'] }).sort();
}
