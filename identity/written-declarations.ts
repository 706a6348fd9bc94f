import type { EnumShape } from './enums.ts';
import { scopeNames } from './scopes.ts';
import { boundNames, type FunctionNode, isThisParameter, isTypeOnly, type Node } from './syntax.ts';
import type { Writer } from './writer.ts';

// Functions, classes and enums in the one spelling that TypeScript and what compilers make of it share.

type ClassNode = Extract<Node, { type: 'ClassDeclaration' | 'ClassExpression' }>;
type Nodes = readonly Node[];

export function functionText(writer: Writer, node: FunctionNode): string {
  const name = node.type === 'FunctionDeclaration' && node.id ? writer.naming.name(node.id.name) : '';
  const kind = node.type === 'ArrowFunctionExpression' ? 'Arrow' : 'Function';
  const text = writer.naming.within(scopeNames(node) ?? [], () => {
    const params = writer.list(node.params.filter((each) => !isThisParameter(each)));
    // `() => x` and `() => { return x; }` are one.
    const isBlock = node.body?.type === 'BlockStatement';
    return params + (isBlock ? bodyText(writer, node) : `[(ReturnStatement argument:${writer.write(node.body)}),]`);
  });
  return `${name}(${kind}${node.async ? ' async' : ''}${node.generator ? ' *' : ''} ${text})`;
}

/** With `this.x = x` for each `private x` among the parameters, where compilers put it: after `super()`, else first. */
function bodyText(writer: Writer, { params, body }: FunctionNode): string {
  const statements: Nodes = body?.type === 'BlockStatement' ? body.body : [];
  const after = statements.findIndex((each) => each.type === 'ExpressionStatement' && isSuperCall(each.expression)) + 1;
  const before = writer.items(statements.slice(0, after));
  const sets = params.filter((each) => each.type === 'TSParameterProperty').flatMap(boundNames);
  const setting = sets.map((name) => {
    const member = `(Of (ThisExpression)${JSON.stringify(name)})`;
    return `(ExpressionStatement expression:(AssignmentExpression operator== left:${member} right:${writer.naming.name(name)})),`;
  });
  return `[${before}${setting.join('')}${writer.items(statements.slice(after))}]`;
}

const isSuperCall = (node: Node) => node.type === 'CallExpression' && node.callee.type === 'Super';

export function classText(writer: Writer, node: ClassNode): string {
  const name = node.type === 'ClassDeclaration' && node.id ? writer.naming.name(node.id.name) : '';
  const text = writer.naming.within(scopeNames(node) ?? [], () => {
    const head = decoratorsText(writer, node.decorators) + writer.write(node.superClass);
    const members = node.body.body.filter((each) => !isTypeOnly(each));
    const properties = parameterProperties(members).map((each) => `property ${JSON.stringify(each)}=_;`);
    return [head, ...properties, ...members.map((each) => memberText(writer, each))].join('');
  });
  return `${name}(Class ${text})`;
}

/** Parsers give TypeScript empty lists where JavaScript has none. */
const decoratorsText = (writer: Writer, decorators: Nodes = []) => (decorators.length ? writer.list(decorators) : '');

const parameterProperties = (members: Nodes) =>
  members.flatMap((each) => {
    if (each.type !== 'MethodDefinition' || each.kind !== 'constructor') return [];
    return each.value.params.filter((param) => param.type === 'TSParameterProperty').flatMap(boundNames);
  });

const KINDS = { MethodDefinition: 'method', PropertyDefinition: 'property', AccessorProperty: 'accessor' } as const;

function memberText(writer: Writer, member: Node): string {
  switch (member.type) {
    case 'StaticBlock':
      return `static ${writer.naming.within(scopeNames(member) ?? [], () => writer.list(member.body))};`;
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'AccessorProperty': {
      const decorators = decoratorsText(writer, member.decorators);
      const kind = member.type === 'MethodDefinition' ? member.kind : KINDS[member.type];
      return `${decorators}${member.static ? 'static ' : ''}${kind} ${writer.key(member.key, member.computed)}=${writer.write(member.value)};`;
    }
    default:
      return '';
  }
}

export function enumText(writer: Writer, { name, members, scoped }: EnumShape): string {
  const own = new Map(scoped ? members.map(({ key }) => [key, `(Of $enum ${JSON.stringify(key)})`]) : []);
  own.set(name, '$enum ');
  const texts = () => members.map(({ key, value }) => `${JSON.stringify(key)}=${valueText(writer, value)};`).join('');
  return `(Enum ${writer.naming.within(own.keys(), texts, own)})`;
}

const valueText = (writer: Writer, value: EnumShape['members'][number]['value']) =>
  typeof value === 'object' ? writer.write(value) : typeof value === 'string' ? JSON.stringify(value) : `${value}`;
