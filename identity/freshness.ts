import { COPYING, HARMLESS } from './builtins.ts';
import { boundNames, chainOf, children, isFunction, isName, type Node, unwrap } from './syntax.ts';

// Whether a value is new: whoever made it is the only one to hold it, so that changing it concerns nobody else.

const NEW = new Set([
  'Literal',
  'TemplateLiteral',
  'ArrayExpression',
  'ObjectExpression',
  'NewExpression',
  'ClassExpression',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'UnaryExpression',
  'BinaryExpression',
  'UpdateExpression',
]);

/** Whether what an expression gives is new. Only the value itself: what it holds may be others'. */
export function isFresh(expression: Node | null | undefined): boolean {
  const node = unwrap(expression);
  if (!node || NEW.has(node.type)) return true;
  if (node.type === 'ConditionalExpression') return isFresh(node.consequent) && isFresh(node.alternate);
  if (node.type !== 'CallExpression') return false;
  const { root, path } = chainOf(node.callee);
  const method = path.at(-1);
  if (method === undefined || !COPYING.has(method)) return false;
  // `Array.from(…)`, `rows.map(…)`; but `Helpers.map(…)` may be anything.
  return !isName(root) || HARMLESS.has(root.name) || !/^[A-Z]/.test(root.name);
}

/** The names in a piece of code that some of its variables hold what is not new by: parameters, parts of others, results. */
export function unfreshNames(code: Node): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (pattern: Node | null | undefined) => {
    for (const name of boundNames(pattern)) names.add(name);
  };
  const waiting: Node[] = [code];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (isFunction(node)) {
      node.params.forEach(add);
      if (node.type !== 'ArrowFunctionExpression') names.add('arguments');
    } else if (node.type === 'VariableDeclarator') {
      if (!isName(node.id) || !isFresh(node.init)) add(node.id);
    } else if (node.type === 'AssignmentExpression') {
      const left = unwrap(node.left);
      if (!isName(left) || !isFresh(node.right)) add(left);
    } else if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') {
      const { left } = node;
      add(left.type === 'VariableDeclaration' ? left.declarations[0]?.id : left);
    } else if (node.type === 'CatchClause') add(node.param);
    for (const each of children(node)) waiting.push(each);
  }
  return names;
}
