import { COPYING } from './builtins.ts';
import { type Imported, isFlowymlCall } from './flowyml-calls.ts';
import type { Linker } from './linker.ts';
import { type ModuleParts, type Part, partWithout, piece } from './module-parts.ts';
import type { Place } from './origin.ts';
import type { Roots } from './slice.ts';
import type { SourceFile } from './source-file.ts';
import { awaited, chainOf, children, isFunction, memberName, type Node, unwrap } from './syntax.ts';

/**
 * The code that makes a step: the declarations whose functions were running, and of the one at the top level no more than the
 * call itself where the rest only hands the step on. Undefined where a place is not that of a call: the files are not what
 * runs.
 */
export function locate(places: readonly Place[], linker: Linker, name: string): Roots | undefined {
  const roots: { part: Part; label?: string }[] = [];
  const holders: Part[] = [];
  for (const place of places) {
    const found = find(place, linker);
    if (!found) return undefined;
    const { part, path, call } = found;
    const label = part.kind === 'variable' ? part.names.join(',') : `step ${name}`;
    if (path.some(isFunction)) roots.push({ part });
    else if (path.every((each) => each === call || handsOn(each, part.module.around.imported))) {
      roots.push({ part: piece(part.module, call), label });
      if (part.node.type === 'VariableDeclarator' && awaited(part.node.init) === call && !givesList(call)) holders.push(part);
    } else roots.push({ part: partWithout(part, call, new Set(path.flatMap(takers).filter((each) => !path.includes(each)))), label });
  }
  // Who called a function that does not run by itself is not known, nor what it was given.
  const outermost = roots.at(-1)?.part;
  return outermost && runsAtLoading(outermost) ? { parts: unique(roots), holders } : undefined;
}

const runsAtLoading = ({ kind, node }: Part) =>
  kind !== 'function' && !(node.type === 'VariableDeclarator' && isFunction(unwrap(node.init) ?? node));

const unique = (roots: readonly Roots['parts'][number][]) =>
  roots.filter(({ part }, i) => roots.findIndex((each) => each.part === part) === i);

interface Found {
  part: Part;
  /** The nodes around the call, from the part's own on, the call included. */
  path: Node[];
  call: Node;
}

function find(place: Place, linker: Linker): Found | undefined {
  const module = moduleAt(place.file, linker);
  const offset = module && offsetOf(module.source, place);
  if (!module || offset === undefined) return undefined;
  const part = module.parts.find(({ node }) => node.start <= offset && offset < node.end);
  if (!part) return undefined;
  const path = pathTo(part.node, offset);
  const index = path.findLastIndex((node) => isCalledAt(node, offset));
  const call = path[index];
  if (!call) return undefined;
  // `await later()`: where an asynchronous function goes on, its caller stands at the `await`.
  if (call.type === 'AwaitExpression') return { part, path: [...path.slice(0, index), unwrap(call.argument)], call: unwrap(call.argument) };
  return { part, path: path.slice(0, index + 1), call };
}

function moduleAt(file: string, linker: Linker): ModuleParts | undefined {
  try {
    return linker.moduleAt(file);
  } catch {
    return undefined;
  }
}

const starts = new WeakMap<SourceFile, number[]>();

function offsetOf(source: SourceFile, { line, column }: Place): number | undefined {
  let lines = starts.get(source);
  if (!lines) {
    lines = [0];
    for (const { index } of (source.text ?? '').matchAll(/\n/g)) lines.push(index + 1);
    starts.set(source, lines);
  }
  const start = lines[line - 1];
  return start === undefined ? undefined : start + column - 1;
}

function pathTo(node: Node, offset: number): Node[] {
  const path = [node];
  for (let inner: Node | undefined = node; inner; ) {
    inner = children(inner).find((each) => each.start <= offset && offset < each.end);
    if (inner) path.push(inner);
  }
  return path;
}

/** Whether a stack shows the call by this place: the called name, the `new`, the tag, or an `await` of it. */
function isCalledAt(node: Node, offset: number): boolean {
  switch (node.type) {
    case 'CallExpression':
      return node.callee.start <= offset && offset < node.callee.end;
    case 'TaggedTemplateExpression':
      return node.tag.start <= offset && offset < node.tag.end;
    case 'NewExpression':
      return node.start === offset;
    case 'AwaitExpression':
      return node.start === offset && /^(?:Call|New)Expression$/.test(unwrap(node.argument).type);
    default:
      return false;
  }
}

/** `names.map(make)`: whoever changes the list does not change the steps in it. */
const givesList = (call: Node) => call.type === 'CallExpression' && COPYING.has(chainOf(call.callee).path.at(-1) ?? '');

const TAKING = new Set(['add', 'push', 'set', 'unshift']);

/** In `steps.push(…)` what takes the value: what else is in there is no matter of the value's. */
function takers(node: Node): Node[] {
  const callee = node.type === 'CallExpression' ? unwrap(node.callee) : undefined;
  return callee?.type === 'MemberExpression' && TAKING.has(memberName(callee) ?? '') ? [callee] : [];
}

const HOLDING = new Set([
  'VariableDeclarator',
  'ExpressionStatement',
  'ObjectExpression',
  'Property',
  'ArrayExpression',
  'SpreadElement',
  'AwaitExpression',
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
]);

/** Whether code only puts what is made inside it somewhere, as it is: into a list, or into a pipeline. */
function handsOn(node: Node, imported: Imported): boolean {
  if (HOLDING.has(node.type)) return true;
  if (node.type === 'MemberExpression') return true;
  if (node.type !== 'CallExpression') return false;
  const callee = unwrap(node.callee);
  const adds =
    callee.type === 'MemberExpression' && !callee.computed && callee.property.type === 'Identifier' && callee.property.name === 'add';
  return adds || isFlowymlCall(node, imported);
}
