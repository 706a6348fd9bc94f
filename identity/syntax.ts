import { type ArrowFunctionExpression, type Function as FunctionLike, type Node, visitorKeys } from 'oxc-parser';

// Small questions about syntax trees, asked all over this folder.

export type { Node } from 'oxc-parser';
export type FunctionNode = FunctionLike | ArrowFunctionExpression;

const WRAPPERS = new Set([
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
]);
const TYPE_KEYS = new Set([
  'typeAnnotation',
  'typeArguments',
  'typeParameters',
  'returnType',
  'superTypeArguments',
  'implements',
  'attributes',
]);
// What begins with TS and is there when the program runs.
const RUNS = new Set([
  'TSEnumDeclaration',
  'TSEnumBody',
  'TSEnumMember',
  'TSModuleDeclaration',
  'TSModuleBlock',
  'TSParameterProperty',
  'TSExportAssignment',
  'TSImportEqualsDeclaration',
]);

const childKeys = new Map<string, readonly string[]>();

/** The names of a node's parts that are there when the program runs, sorted: an order that no parser's version changes. */
export function runtimeKeys(type: string): readonly string[] {
  let keys = childKeys.get(type);
  if (!keys) {
    keys = (visitorKeys[type] ?? []).filter((key) => !TYPE_KEYS.has(key)).sort();
    childKeys.set(type, keys);
  }
  return keys;
}

/** The parts of a node that are there when the program runs. */
export function children(node: Node): Node[] {
  const found: Node[] = [];
  const parts = node as unknown as Record<string, Node | null | undefined | readonly (Node | null)[]>;
  for (const key of runtimeKeys(node.type)) {
    const part = parts[key];
    if (!part) continue;
    for (const each of Array.isArray(part) ? part : [part as Node]) if (each && !isTypeOnly(each)) found.push(each);
  }
  return found;
}

/** Whether a node is gone when the program runs: types, `declare`, overloads, abstract members. */
export function isTypeOnly(node: Node): boolean {
  if ('declare' in node && node.declare) return true;
  if (node.type.startsWith('TS') && !WRAPPERS.has(node.type)) return !RUNS.has(node.type);
  return isMethodSignature(node);
}

const isMethodSignature = (node: Node) => node.type === 'MethodDefinition' && !node.value.body;

/** An expression without the casts and parentheses around it. */
export function unwrap(node: Node): Node;
export function unwrap(node: Node | null | undefined): Node | undefined;
export function unwrap(node: Node | null | undefined): Node | undefined {
  let inner = node ?? undefined;
  while (inner && WRAPPERS.has(inner.type) && 'expression' in inner) inner = inner.expression as Node;
  return inner;
}

/** What an expression is once awaited or without `void`. */
export function awaited(node: Node | null | undefined): Node | undefined {
  const inner = unwrap(node);
  if (inner?.type === 'AwaitExpression') return awaited(inner.argument);
  return inner?.type === 'UnaryExpression' && inner.operator === 'void' ? awaited(inner.argument) : inner;
}

export const isFunction = (node: Node): node is FunctionNode =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression';

/** A node of a name's kind, whatever the name stands for. */
export const isName = (node: Node | undefined): node is Extract<Node, { type: 'Identifier' }> => node?.type === 'Identifier';

/** `this` among the parameters is there for its type. */
export const isThisParameter = (node: Node) => isName(node) && node.name === 'this';

/** The names that a pattern binds. */
export function boundNames(pattern: Node | null | undefined): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((each) => boundNames(each.type === 'RestElement' ? each : each.value));
    case 'ArrayPattern':
      return pattern.elements.flatMap(boundNames);
    case 'AssignmentPattern':
      return boundNames(pattern.left);
    case 'RestElement':
      return boundNames(pattern.argument);
    case 'TSParameterProperty':
      return boundNames(pattern.parameter);
    default:
      return [];
  }
}

/** The names and members that an assignment to this gives values to. */
export function assignedTo(target: Node): Node[] {
  const node = unwrap(target);
  if (node.type === 'Identifier' || node.type === 'MemberExpression') return [node];
  if (node.type === 'AssignmentPattern') return assignedTo(node.left);
  return node.type === 'Property' ? assignedTo(node.value) : children(node).flatMap(assignedTo);
}

/** The text of `'x'`, or of a template without gaps. */
export function stringValue(node: Node | undefined): string | undefined {
  if (node?.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  return node?.type === 'TemplateLiteral' && !node.expressions.length ? (node.quasis[0]?.value.cooked ?? undefined) : undefined;
}

/** The name of `a.b` and `a['b']`; undefined for `a[b]` and `a.#b`. */
export function memberName(node: Extract<Node, { type: 'MemberExpression' }>): string | undefined {
  if (node.computed) return stringValue(unwrap(node.property));
  return node.property.type === 'Identifier' ? node.property.name : undefined;
}

/** Where a chain such as `a.b(c).d` begins, and its members from there on; `()` stands for a call, `[]` for a computed member. */
export function chainOf(node: Node | null | undefined): { root: Node | undefined; path: string[] } {
  const path: string[] = [];
  let root = unwrap(node);
  while (root) {
    if (root.type === 'MemberExpression') {
      path.unshift(memberName(root) ?? '[]');
      root = unwrap(root.object);
    } else if (root.type === 'CallExpression' || root.type === 'NewExpression') {
      path.unshift('()');
      root = unwrap(root.callee);
    } else if (root.type === 'ChainExpression') root = unwrap(root.expression);
    else if (root.type === 'AwaitExpression') root = unwrap(root.argument);
    else break;
  }
  return { root, path };
}
