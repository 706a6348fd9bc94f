import type { Imported } from './flowyml-calls.ts';
import type { Reference } from './references.ts';
import { isName, memberName, type Node, unwrap } from './syntax.ts';

// What code depends on that its text does not show. It does not enter an identity: it is reported.

type IsGlobal = (name: string) => boolean;

/** The variables of the environment that a node reads by itself; `*` where it takes the environment as a whole. */
export function environmentNames(node: Node, isGlobal: IsGlobal, imported: Imported, handled: WeakSet<Node>): string[] {
  const isEnvironment = (part: Node | null | undefined) => {
    const inner = unwrap(part);
    const is = !!inner && (isProcessEnv(inner, isGlobal, imported) || isImportedEnv(inner, imported));
    if (is && inner !== node) handled.add(inner);
    return is;
  };
  if (node.type === 'MemberExpression' && isEnvironment(node.object)) return [memberName(node) ?? '*'];
  if (node.type === 'VariableDeclarator' && node.id.type === 'ObjectPattern' && isEnvironment(node.init)) {
    return node.id.properties.map((each) => (each.type === 'Property' && each.key.type === 'Identifier' ? each.key.name : '*'));
  }
  return isEnvironment(node) && !handled.has(node) ? ['*'] : [];
}

function isProcessEnv(node: Node, isGlobal: IsGlobal, imported: Imported): boolean {
  if (node.type !== 'MemberExpression' || memberName(node) !== 'env') return false;
  const object = unwrap(node.object);
  if (!isName(object)) return false;
  const from = imported(object.name);
  return from ? isProcess(from.specifier) && from.name !== 'env' : object.name === 'process' && isGlobal('process');
}

function isImportedEnv(node: Node, imported: Imported): boolean {
  const from = isName(node) ? imported(node.name) : undefined;
  return from?.name === 'env' && isProcess(from.specifier);
}

const isProcess = (specifier: string) => /^(?:node:)?process$/.test(specifier);

/** What a node reaches that cannot be followed, in words; undefined where there is nothing. */
export function unseenBy(node: Node, isGlobal: IsGlobal, references: ReadonlyMap<number, Reference>): string | undefined {
  const isSeen = (part: Node | undefined) => part !== undefined && references.has(part.start);
  const isCalled = (callee: Node, name: string) => isName(callee) && callee.name === name;
  switch (node.type) {
    case 'Identifier':
      return (node.name === '__dirname' || node.name === '__filename') && isGlobal(node.name) ? `files found by ${node.name}` : undefined;
    case 'ImportExpression':
      return isSeen(node.source) ? undefined : 'an import() of a computed name';
    case 'MemberExpression':
      return isMeta(node, 'dirname') || isMeta(node, 'filename') ? `files found by import.meta.${memberName(node)}` : undefined;
    case 'NewExpression': {
      const [first, base] = node.arguments;
      if (isCalled(node.callee, 'Function') && isGlobal('Function')) return 'code made by new Function()';
      return isCalled(node.callee, 'URL') && isMeta(base, 'url') && !isSeen(first) ? 'a new URL() of a computed name' : undefined;
    }
    case 'CallExpression': {
      const [first] = node.arguments;
      const callee = unwrap(node.callee);
      if (isCalled(callee, 'eval') && isGlobal('eval')) return 'code run by eval()';
      if (isCalled(callee, 'Function') && isGlobal('Function')) return 'code made by Function()';
      if (isCalled(callee, 'require') && !isSeen(first)) return 'a require() of a computed name';
      return isCalled(callee, 'fileURLToPath') && isMeta(first, 'url') ? 'files found by import.meta.url' : undefined;
    }
    default:
      return undefined;
  }
}

const isMeta = (node: Node | undefined, name: string) =>
  node?.type === 'MemberExpression' && node.object.type === 'MetaProperty' && memberName(node) === name;
