import type { Writer } from './canonical.ts';
import type { EnumShape } from './enums.ts';
import { scopeNames } from './scopes.ts';
import { boundNames, type FunctionNode, isTypeOnly, type Node } from './syntax.ts';

// Functions, classes and enums in the one spelling that TypeScript and what compilers make of it share.

type ClassNode = Extract<Node, { type: 'ClassDeclaration' | 'ClassExpression' }>;
type Statements = readonly Node[];

export function writeFunction(writer: Writer, node: FunctionNode): void {
  if (node.type === 'FunctionDeclaration' && node.id) writer.name(node.id.name);
  const kind = node.type === 'ArrowFunctionExpression' ? 'Arrow' : 'Function';
  writer.put(`(${kind}${node.async ? ' async' : ''}${node.generator ? ' *' : ''} `);
  writer.within(scopeNames(node) ?? [], () => {
    writer.list(node.params.filter((each) => !(each.type === 'Identifier' && each.name === 'this')));
    if (node.body?.type !== 'BlockStatement') {
      // `() => x` and `() => { return x; }` are one.
      writer.put('[(ReturnStatement argument:');
      writer.write(node.body);
      writer.put('),]');
    } else writeBody(writer, node.body.body, node.params);
  });
  writer.put(')');
}

/** With `this.x = x` for each `private x` among the parameters, where compilers put it: after `super()`, else first. */
function writeBody(writer: Writer, body: Statements, params: Statements): void {
  const properties = params.filter((each) => each.type === 'TSParameterProperty').flatMap(boundNames);
  const after = body.findIndex((each) => each.type === 'ExpressionStatement' && isSuperCall(each.expression)) + 1;
  writer.put('[');
  writer.items(body.slice(0, after));
  for (const name of properties) {
    writer.put(`(ExpressionStatement expression:(AssignmentExpression operator== left:(Of (ThisExpression)${JSON.stringify(name)}) right:`);
    writer.name(name);
    writer.put(')),');
  }
  writer.items(body.slice(after));
  writer.put(']');
}

const isSuperCall = (node: Node) => node.type === 'CallExpression' && node.callee.type === 'Super';

export function writeClass(writer: Writer, node: ClassNode): void {
  if (node.type === 'ClassDeclaration' && node.id) writer.name(node.id.name);
  writer.put('(Class ');
  writer.within(scopeNames(node) ?? [], () => {
    writer.list(node.decorators ?? []);
    writer.write(node.superClass);
    const members = node.body.body.filter((each) => !isTypeOnly(each));
    for (const name of parameterProperties(members)) writer.put(`property ${JSON.stringify(name)}=_;`);
    for (const member of members) writeMember(writer, member);
  });
  writer.put(')');
}

const parameterProperties = (members: Statements) =>
  members.flatMap((each) => {
    if (each.type !== 'MethodDefinition' || each.kind !== 'constructor') return [];
    return each.value.params.filter((param) => param.type === 'TSParameterProperty').flatMap(boundNames);
  });

function writeMember(writer: Writer, member: Node): void {
  if (member.type === 'StaticBlock') {
    writer.put('static ');
    writer.within(scopeNames(member) ?? [], () => writer.list(member.body));
    writer.put(';');
  } else if (member.type === 'MethodDefinition' || member.type === 'PropertyDefinition' || member.type === 'AccessorProperty') {
    writer.list(member.decorators ?? []);
    if (member.static) writer.put('static ');
    writer.put(member.type === 'MethodDefinition' ? `${member.kind} ` : member.type === 'AccessorProperty' ? 'accessor ' : 'property ');
    writer.key(member.key, member.computed);
    writer.put('=');
    writer.write(member.value);
    writer.put(';');
  }
}

export function writeEnum(writer: Writer, { name, members, scoped }: EnumShape): void {
  writer.put('(Enum ');
  const own = new Map(scoped ? members.map(({ key }) => [key, `(Of $enum ${JSON.stringify(key)})`]) : []);
  own.set(name, '$enum ');
  writer.within(
    own.keys(),
    () => {
      for (const { key, value } of members) {
        writer.put(`${JSON.stringify(key)}=`);
        if (typeof value === 'object') writer.write(value);
        else writer.put(JSON.stringify(value));
        writer.put(';');
      }
    },
    (each) => own.get(each) ?? '',
  );
  writer.put(')');
}
