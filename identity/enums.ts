import { isName, memberName, type Node, stringValue, unwrap } from './syntax.ts';

// TypeScript's enums, as they stand in the source and as compilers print them: one shape for both.

export interface EnumShape {
  /** How the members' values name the enum. */
  name: string;
  members: { key: string; value: number | string | Node }[];
  /** Whether a value may name earlier members as if they were variables, as in TypeScript. */
  scoped: boolean;
}

/** The shape of `enum E { … }`, its constants worked out as compilers do. */
export function enumShape(node: Extract<Node, { type: 'TSEnumDeclaration' }>): EnumShape {
  const known = new Map<string, number | string>();
  const members: EnumShape['members'] = [];
  let next: number | undefined = 0;
  for (const { id, initializer } of node.body.members) {
    const key = id.type === 'Identifier' ? id.name : (stringValue(id) ?? '');
    const constant: number | string | undefined = initializer ? constantOf(initializer, node.id.name, known) : next;
    if (constant !== undefined) known.set(key, constant);
    next = typeof constant === 'number' ? constant + 1 : undefined;
    members.push({ key, value: constant ?? initializer ?? 0 });
  }
  return { name: node.id.name, members, scoped: true };
}

/** The shape of `(function (E) { E[E["A"] = 0] = "A"; … })(E || (E = {}))` and its like; undefined for any other code. */
export function compiledEnum(expression: Node | null | undefined): (EnumShape & { of: string | undefined }) | undefined {
  const call = unwrap(expression);
  if (call?.type !== 'CallExpression' || call.arguments.length !== 1) return undefined;
  const callee = unwrap(call.callee);
  const parameter = callee.type === 'FunctionExpression' && callee.params.length === 1 ? callee.params[0] : undefined;
  const of = enumArgument(unwrap(call.arguments[0]));
  if (callee.type !== 'FunctionExpression' || parameter?.type !== 'Identifier' || of === false) return undefined;
  const known = new Map<string, number | string>();
  const members: EnumShape['members'] = [];
  for (const statement of callee.body?.body ?? []) {
    if (statement.type === 'ReturnStatement') continue;
    const member = statement.type === 'ExpressionStatement' ? compiledMember(unwrap(statement.expression), parameter.name) : undefined;
    if (!member) return undefined;
    const constant = constantOf(member.value, parameter.name, known);
    if (constant !== undefined) known.set(member.key, constant);
    members.push({ key: member.key, value: constant ?? member.value });
  }
  return members.length ? { name: parameter.name, of, members, scoped: false } : undefined;
}

/** The enum's name in `E || {}` and `E || (E = {})`, undefined for `{}`, false for anything else. */
function enumArgument(node: Node | undefined): string | undefined | false {
  if (node?.type === 'ObjectExpression' && !node.properties.length) return undefined;
  return node?.type === 'LogicalExpression' && node.operator === '||' && node.left.type === 'Identifier' ? node.left.name : false;
}

/** `E[E["A"] = value] = "A"` or `E["A"] = value`. */
function compiledMember(node: Node, name: string): { key: string; value: Node } | undefined {
  if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression' || !isThe(node.left.object, name)) return undefined;
  const inner = node.left.computed ? unwrap(node.left.property) : undefined;
  if (inner?.type === 'AssignmentExpression') return compiledMember(inner, name);
  const key = memberName(node.left);
  return key === undefined ? undefined : { key, value: node.right };
}

const isThe = (node: Node, name: string) => isName(node) && node.name === name;

/** The value of an expression of literals and earlier members; undefined where it is none. */
function constantOf(expression: Node, name: string, known: ReadonlyMap<string, number | string>): number | string | undefined {
  const node = unwrap(expression);
  const of = (inner: Node) => constantOf(inner, name, known);
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'number' || typeof node.value === 'string' ? node.value : undefined;
    case 'Identifier':
      return known.get(node.name);
    case 'MemberExpression':
      return isThe(node.object, name) ? known.get(memberName(node) ?? '') : undefined;
    case 'TemplateLiteral': {
      const parts = node.quasis.flatMap((quasi, index) => {
        const gap = node.expressions[index];
        return gap ? [quasi.value.cooked ?? undefined, of(gap)] : [quasi.value.cooked ?? undefined];
      });
      return parts.includes(undefined) ? undefined : parts.join('');
    }
    case 'UnaryExpression': {
      const value = of(node.argument);
      return typeof value === 'number' ? UNARY[node.operator]?.(value) : undefined;
    }
    case 'BinaryExpression': {
      const [left, right] = [of(node.left), of(node.right)];
      if (left === undefined || right === undefined) return undefined;
      if (typeof left === 'number' && typeof right === 'number') return BINARY[node.operator]?.(left, right);
      return node.operator === '+' ? `${left}${right}` : undefined;
    }
    default:
      return undefined;
  }
}

const UNARY: Record<string, (value: number) => number> = { '+': (a) => a, '-': (a) => -a, '~': (a) => ~a };
const BINARY: Record<string, (left: number, right: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
  '>>>': (a, b) => a >>> b,
  '|': (a, b) => a | b,
  '&': (a, b) => a & b,
  '^': (a, b) => a ^ b,
};
