import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { ArtifactStore } from '../artifacts/store.ts';
import type { CompileTarget } from '../pipelines/compile.ts';
import type { DockerOptions } from '../pipelines/docker.ts';
import { UsageError } from '../pipelines/errors.ts';
import { hint, nameProblem } from '../pipelines/names.ts';
import type { GroupOptions } from '../pipelines/pipeline.ts';
import type { ResourceOptions } from '../pipelines/resources.ts';
import type { StackSpec } from '../pipelines/stack-spec.ts';
import { activeStack, registeredStack } from './active-stack.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { camelKeys, snakeKey } from './key-case.ts';
import { COMPONENTS } from './schema.ts';
import { stackSpec } from './stack-data.ts';
import { type StoreTarget, storeOf, storeTarget } from './stores/stack-stores.ts';
import { isUnset, unsetProblem, variablesOf } from './variables.ts';

/** A project: the folder of its flowyml.yaml, and what that says. */
export interface Project {
  /** Absolute. */
  root: string;
  /** Names the task queues. */
  name: string;
  /** The stack in use: of runs and pipelines that name none. */
  stack: string;
  /** All stacks, by name; their texts may name variables. */
  stacks: Readonly<Record<string, StackSpec>>;
  /** Modules whose pipelines every worker of the project serves; absolute. */
  pipelines: string[];
  /** What the file says about execution groups: it wins over pipelines. */
  groups: Readonly<Record<string, GroupOptions>>;
  /** Named resource profiles; `default` holds for whatever names none. */
  resources: Readonly<Record<string, ResourceOptions>>;
  /** How images are built where no group says otherwise. */
  docker?: DockerOptions;
  /** Absolute, where there is one. */
  file?: string;
  /** `file:line` of what the file says about a stack. */
  line(path: readonly PropertyKey[]): string;
}

export interface FindOptions {
  /** The stack to use, whatever the file and the environment say. */
  stack?: string | undefined;
  /** False: variables of the stack in use may be unset. */
  check?: boolean;
}

const FILES = ['flowyml.yaml', 'flowyml.yml'];

/**
 * The project that a module or folder belongs to: the nearest flowyml.yaml upward from it, else the working folder with
 * its defaults. `FLOWYML_PROJECT` and `FLOWYML_STACK` win over the file.
 * @throws UsageError for a mistake in the file, with its line, for a stack that it does not have, and for a variable of
 * the stack in use that is not set
 */
export function findProject(from: string = process.cwd(), { stack: asked, check = true }: FindOptions = {}): Project {
  const file = nearestFile(resolve(from));
  const { data, line }: Configuration = file ? readConfiguration(readText(file), file) : { data: {}, line: () => 'flowyml.yaml' };
  const root = file ? dirname(file) : process.cwd();
  const name = process.env.FLOWYML_PROJECT || data.project || 'flowyml';
  const problem = nameProblem('project', name);
  if (problem) throw new UsageError(`${process.env.FLOWYML_PROJECT ? 'FLOWYML_PROJECT' : line(['project'])}: ${problem}`);
  const shared = Object.fromEntries(COMPONENTS.flatMap((key) => (data[key] === undefined ? [] : [[key, data[key]]])));
  const described = { local: { type: 'local' as const }, ...data.stacks };
  const inFile = Object.fromEntries(Object.entries(described).map(([key, each]) => [key, stackSpec(key, each, shared)]));
  const inCode = registeredStack(activeStack() ?? '');
  const stacks = inCode ? { ...inFile, [inCode.name]: inCode } : inFile;
  const project: Project = {
    root,
    name,
    stack: 'local',
    stacks,
    pipelines: modules(root, data.pipelines),
    groups: camelKeys(data.groups ?? {}) as Project['groups'],
    resources: Object.fromEntries(Object.entries(data.resources ?? {}).map(([key, each]) => [key, camelKeys(each) as ResourceOptions])),
    ...(data.docker === undefined ? {} : { docker: camelKeys(data.docker) as DockerOptions }),
    ...(file === undefined ? {} : { file }),
    line,
  };
  const { name: stack, said } = chosen(asked, data.active_stack, line);
  return withStack(project, stack, said, check);
}

/**
 * The same project with another stack in use.
 * @param said who names the stack, for errors
 * @throws UsageError for a stack that it does not have, or whose variables are not set
 */
export function withStack(project: Project, stack: string, said = '--stack', check = true): Project {
  const spec = project.stacks[stack];
  if (!spec) throw new UsageError(`${said}: no stack is named '${stack}'${hint(stack, Object.keys(project.stacks))}`);
  // Which database it is, the environment may have decided.
  const { metadataStore, ...others } = spec;
  const unset = check ? variablesOf(process.env.FLOWYML_DATABASE_URL ? others : spec).filter((use) => isUnset(use)) : [];
  const once = unset.filter(({ name }, i) => unset.findIndex((other) => other.name === name) === i);
  if (once.length)
    throw new UsageError(
      once
        .map((use) =>
          unsetProblem(use, `${project.line(['stacks', stack, ...use.path.map((key) => snakeKey(String(key)))])}: stack '${stack}'`),
        )
        .join('\n'),
    );
  return { ...project, stack };
}

/**
 * The project with the stack of a run in use: where its artifacts lie, and what its runs made.
 * @throws UsageError for a stack that it does not have, or whose variables are not set
 */
export function projectFor(project: Project, stack: string | StackSpec | undefined): Project {
  if (stack === undefined) return project;
  if (typeof stack === 'string') return withStack(project, stack, 'stack');
  const known = project.stacks[stack.name];
  const { metadataStore = known?.metadataStore, ...spec } = stack;
  const whole = { ...spec, ...(metadataStore ? { metadataStore } : {}) };
  return withStack({ ...project, stacks: { ...project.stacks, [stack.name]: whole } }, stack.name, 'stack');
}

/** The artifact store of the stack in use; it knows those of the others. */
export const projectStore = (project: Project): ArtifactStore => storeOf(projectStoreTarget(project));

export const projectStoreTarget = ({ root, stack, stacks }: Project): StoreTarget =>
  storeTarget(root, stacks[stack] as StackSpec, Object.values(stacks));

/** What the project's pipelines are compiled for. */
export const compileTarget = ({ root, name, stack, stacks, groups, resources, docker }: Project): CompileTarget & { root: string } => ({
  root,
  project: name,
  stack,
  stacks,
  groups,
  resources,
  ...(docker === undefined ? {} : { docker }),
});

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

/** Who is asked first: the caller, the program (`setActiveStack`), the environment, the file. */
function chosen(asked: string | undefined, active: string | undefined, line: Configuration['line']): { name: string; said: string } {
  if (asked !== undefined) return { name: asked, said: '--stack' };
  const own = activeStack();
  if (own !== undefined) return { name: own, said: 'setActiveStack()' };
  if (process.env.FLOWYML_STACK) return { name: process.env.FLOWYML_STACK, said: 'FLOWYML_STACK' };
  return { name: active ?? 'local', said: `${line(['active_stack'])}: active_stack` };
}

function modules(root: string, patterns: string | string[] = 'pipelines/*.ts'): string[] {
  // Loaded where it is needed: whoever imports flowyml's classes need not wait for it.
  const { globSync } = createRequire(import.meta.url)('tinyglobby') as typeof import('tinyglobby');
  return globSync(patterns, { cwd: root, absolute: true, ignore: ['**/node_modules/**', '**/*.d.ts'] }).sort();
}
