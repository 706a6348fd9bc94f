import { chainOf, isName, memberName, type Node, unwrap } from './syntax.ts';

// How code calls flowyml itself, whose functions are known to run nothing of what they are given.

/** Where a name of a module comes from: the specifier, and the name there (`default`, `*` for all of it). */
export interface ImportedName {
  specifier: string;
  name: string;
}

/** Says where a name comes from; undefined where it is not imported, or means something else at that place. */
export type Imported = (name: string) => ImportedName | undefined;

export const isFlowyml = (specifier: string) => /^flowyml(?:\/|$)/.test(specifier);

// These make a value of what they are given; the others hand steps and pipelines about.
const TYPES = new Set(['table', 'bytes', 'file', 'directory', 'materializer', 'optional', 'dataset', 'model', 'metrics']);
const STEP_MAKERS = new Set(['step', 'mapStep', 'approval']);
// These run the functions that they are given, there and then.
const RUNS_AT_ONCE = new Set(['parallelMap']);

/**
 * What a step's definition says of when, where and how often it runs, or of how it is shown: none of it changes what it
 * makes. `name` counts by its value, not by the code that names it; a condition is decided before the cache is asked, and a
 * fallback's results are never kept.
 */
const POLICY = new Set([
  'name',
  'description',
  'tags',
  'after',
  'when',
  'onFailure',
  'group',
  'stack',
  'executor',
  'resources',
  'docker',
  'image',
  'retry',
  'timeout',
  'totalTimeout',
  'batchSize',
  'concurrency',
  'cache',
  'message',
  'onTimeout',
]);

/** The name of the function of flowyml's that is called: `step` for `step(…)`, `flowyml.step(…)` and `renamed(…)`. */
export function flowymlFunction(callee: Node, imported: Imported): string | undefined {
  const target = unwrap(callee);
  if (target.type === 'MemberExpression') {
    const object = unwrap(target.object);
    const all = isName(object) ? imported(object.name) : undefined;
    return all?.name === '*' && isFlowyml(all.specifier) ? memberName(target) : undefined;
  }
  const found = isName(target) ? imported(target.name) : undefined;
  return found && isFlowyml(found.specifier) ? found.name : undefined;
}

export const isStepMaker = (name: string | undefined) => name !== undefined && STEP_MAKERS.has(name);

/**
 * Whether a call is one into flowyml, or of a method of what such a call gave: `pipeline('x').add(a)`. What it is given is
 * then kept, not run.
 */
export function isFlowymlCall(call: Node, imported: Imported): boolean {
  const { root, path } = chainOf(call);
  const found = isName(root) ? imported(root.name) : undefined;
  if (!found || !isFlowyml(found.specifier)) return false;
  return !RUNS_AT_ONCE.has(nameIn(found, path));
}

/** Whether such a call is about steps and pipelines. */
export function isWiring(call: Node, imported: Imported): boolean {
  const { root, path } = chainOf(call);
  const found = isName(root) ? imported(root.name) : undefined;
  return isFlowymlCall(call, imported) && !!found && !TYPES.has(nameIn(found, path));
}

const nameIn = ({ name }: ImportedName, path: readonly string[]) => (name === '*' ? (path[0] ?? '') : name);

/** Whether an expression is `await run(…)`: a worker that loads the module gets no further. */
export function isAwaitedRun(node: Node | undefined, imported: Imported): boolean {
  const call = node?.type === 'AwaitExpression' ? unwrap(node.argument) : undefined;
  return call?.type === 'CallExpression' && flowymlFunction(call.callee, imported) === 'run';
}

/** The parts of a step's definition that count, sorted by name; undefined where an entry cannot be told. */
export function withoutPolicy(definition: Extract<Node, { type: 'ObjectExpression' }>): Node[] {
  const named = (node: Node) => (node.type === 'Property' && !node.computed ? keyName(node.key) : undefined);
  const kept = definition.properties.filter((each) => !POLICY.has(named(each) ?? ''));
  // The order matters where a spread may overwrite, or a key is computed.
  if (!kept.every(named)) return kept;
  return kept.sort((a, b) => ((named(a) ?? '') < (named(b) ?? '') ? -1 : 1));
}

const keyName = (key: Node) => (key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : undefined);
