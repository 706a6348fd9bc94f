import { isBuiltin } from 'node:module';
import { OUTWARD } from './builtins.ts';
import { type Imported, isAwaitedRun } from './flowyml-calls.ts';
import { awaited, chainOf, children, isName, memberName, type Node, unwrap } from './syntax.ts';

// What runs when a worker loads a module, and what does not.

/** Whether a statement is `await run(…)`: a worker, which only wants the pipeline, gets no further. */
export function endsLoading(statement: Node, imported: Imported): boolean {
  if (statement.type === 'ExpressionStatement') return isAwaitedRun(unwrap(statement.expression), imported);
  if (statement.type === 'VariableDeclaration') return statement.declarations.some(({ init }) => isAwaitedRun(unwrap(init), imported));
  return statement.type === 'VariableDeclarator' && isAwaitedRun(unwrap(statement.init), imported);
}

/** Whether a test asks if the module is the program that was started: it never is, for a worker. */
export function isMainTest(test: Node): boolean {
  const node = unwrap(test);
  if (node.type === 'MemberExpression') return node.object.type === 'MetaProperty' && memberName(node) === 'main';
  if (node.type === 'LogicalExpression') return node.operator === '&&' && (isMainTest(node.left) || isMainTest(node.right));
  return node.type === 'BinaryExpression' && /^===?$/.test(node.operator) && (namesProgram(node.left) || namesProgram(node.right));
}

/** `process.argv[1]` or `require.main`, also within a call. */
function namesProgram(given: Node): boolean {
  const node = unwrap(given);
  if (node.type === 'MemberExpression' && isName(node.object)) {
    return `${node.object.name}.${memberName(node)}` === 'process.argv' || `${node.object.name}.${memberName(node)}` === 'require.main';
  }
  return children(node).some(namesProgram);
}

/**
 * Whether an expression that is a whole statement calls something of Node's or of zod: as nobody takes the result, it is
 * there for what it does, as `dns.setDefaultResultOrder('ipv4first')`. Files, output and time do not count.
 */
export function isSetUp(expression: Node, imported: Imported): boolean {
  const call = awaited(expression);
  const { root } = chainOf(call);
  if (call?.type !== 'CallExpression' || !isName(root)) return false;
  if (root.name === 'require') return true;
  const specifier = imported(root.name)?.specifier ?? '';
  return isZod(specifier) || (isBuiltin(specifier) && !OUTWARD.has(specifier.replace(/^node:/, '')));
}

export const isZod = (specifier: string) => /^zod(?:\/|$)/.test(specifier);
