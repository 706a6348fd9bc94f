import { isFlowyml, isFlowymlCall } from './flowyml-calls.ts';
import { isFresh } from './freshness.ts';
import type { Linker } from './linker.ts';
import { isZod } from './loading.ts';
import type { Part } from './module-parts.ts';
import { awaited, chainOf, isFunction, isName, type Node, unwrap } from './syntax.ts';

// What can be told of a declaration's value from the code that makes it.

/** The code of a declaration's value: a variable's initial value, a function, a class. */
export function initialValue({ node }: Part): Node | undefined {
  return node.type === 'VariableDeclarator' ? unwrap(node.init) : node;
}

export const isFunctionPart = (part: Part) => part.kind === 'function' || isFunction(initialValue(part) ?? part.node);

/** Whether a declaration's value is new: nobody else holds it. */
export function isNew({ kind, node, module }: Part): boolean {
  if (node.type !== 'VariableDeclarator') return kind === 'function' || kind === 'class' || kind === 'enum';
  const value = awaited(node.init);
  return isName(node.id) && (isFresh(value) || (value?.type === 'CallExpression' && isFlowymlCall(value, module.around.imported)));
}

/** Whether a value comes from zod or flowyml, whose methods make something new: `Row.extend(…)`. */
export function isSchema(linker: Linker, part: Part, seen = new Set<Part>()): boolean {
  if (seen.has(part) || part.node.type !== 'VariableDeclarator') return false;
  seen.add(part);
  const { root } = chainOf(awaited(part.node.init));
  if (!isName(root)) return false;
  const specifier = part.module.around.imported(root.name)?.specifier;
  if (specifier !== undefined && (isZod(specifier) || isFlowyml(specifier))) return true;
  const { target } = linker.name(part.module, root.name, []);
  return target.to === 'parts' && target.parts.every((each) => isSchema(linker, each, seen));
}

const LITERALS = /^(?:Map|Set|Array|Date|WeakMap|WeakSet)$/;

/** Whether a value may have methods of its own under the names of arrays' and maps'. */
export function hasMethods(part: Part): boolean {
  const value = initialValue(part);
  if (value?.type === 'NewExpression') return !(isName(value.callee) && LITERALS.test(value.callee.name));
  return value?.type === 'ObjectExpression' || value?.type === 'ClassExpression' || value?.type === 'ClassDeclaration';
}

/** Whether a method is the project's own, so that a look at it shows what it does. */
export function definesMethod(linker: Linker, part: Part, method: string): boolean {
  const value = initialValue(part);
  if (value?.type === 'ObjectExpression') return value.properties.some((each) => each.type === 'Property' && isCalled(each.key, method));
  if (value?.type === 'ClassExpression' || value?.type === 'ClassDeclaration') return value.body.body.some((each) => has(each, method));
  const callee = value?.type === 'NewExpression' ? unwrap(value.callee) : undefined;
  if (!isName(callee)) return false;
  const { target } = linker.name(part.module, callee.name, []);
  return target.to === 'parts' && target.parts.some((each) => each.kind === 'class' && definesMethod(linker, each, method));
}

const has = (member: Node, method: string) =>
  (member.type === 'MethodDefinition' || member.type === 'PropertyDefinition') && isCalled(member.key, method);

const isCalled = (key: Node, name: string) => key.type === 'Identifier' && key.name === name;
