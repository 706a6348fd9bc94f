import { boundNames, children, type FunctionNode, isFunction, isThisParameter, type Node } from './syntax.ts';

/** The names that a node introduces for what is inside it; undefined where it introduces none. */
export function scopeNames(node: Node): Set<string> | undefined {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return functionNames(node);
    case 'BlockStatement':
    case 'TSModuleBlock':
      return new Set(lexicalNames(node.body));
    case 'StaticBlock':
      return new Set([...varNames(node.body), ...lexicalNames(node.body)]);
    case 'SwitchStatement':
      return new Set(lexicalNames(node.cases.flatMap((each) => each.consequent)));
    case 'ForStatement':
      return new Set(node.init ? lexicalNames([node.init]) : []);
    case 'ForInStatement':
    case 'ForOfStatement':
      return new Set(lexicalNames([node.left]));
    case 'CatchClause':
      return new Set(boundNames(node.param));
    case 'ClassExpression':
      return new Set(node.id ? [node.id.name] : []);
    default:
      return undefined;
  }
}

function functionNames(node: FunctionNode): Set<string> {
  const names = new Set(node.params.filter((each) => !isThisParameter(each)).flatMap(boundNames));
  const body = node.body?.type === 'BlockStatement' ? node.body.body : [];
  for (const name of [...varNames(body), ...lexicalNames(body)]) names.add(name);
  if (node.type === 'FunctionExpression' && node.id) names.add(node.id.name);
  if (node.type !== 'ArrowFunctionExpression') names.add('arguments');
  return names;
}

/** What `let`, `const`, `class`, `function` and `enum` among these statements declare. */
export function lexicalNames(statements: readonly Node[]): string[] {
  return statements.flatMap((each) => {
    if (each.type === 'VariableDeclaration') return each.kind === 'var' ? [] : each.declarations.flatMap(({ id }) => boundNames(id));
    const declares = each.type === 'FunctionDeclaration' || each.type === 'ClassDeclaration' || each.type === 'TSEnumDeclaration';
    return declares && each.id ? [each.id.name] : [];
  });
}

const HOLDING_VARS = new Set([
  'BlockStatement',
  'IfStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'LabeledStatement',
  'SwitchStatement',
  'SwitchCase',
  'TryStatement',
  'CatchClause',
  'WithStatement',
]);

/** What `var` declares in these statements, however deep in blocks, but not in functions. */
export function varNames(statements: readonly Node[]): string[] {
  const found: string[] = [];
  const waiting = [...statements].reverse();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (isFunction(node) || node.type === 'ClassDeclaration' || node.type === 'ClassExpression') continue;
    if (node.type === 'VariableDeclaration' && node.kind === 'var') found.push(...node.declarations.flatMap(({ id }) => boundNames(id)));
    // Only statements can hold a `var`.
    if (HOLDING_VARS.has(node.type)) waiting.push(...children(node).reverse());
  }
  return found;
}
