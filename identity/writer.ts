import type { Surroundings } from './canonical.ts';
import { compiledEnum, type EnumShape } from './enums.ts';
import { flowymlFunction, isStepMaker, isWiring, withoutPolicy } from './flowyml-calls.ts';
import { Naming } from './naming.ts';
import type { Reference } from './references.ts';
import { scopeNames } from './scopes.ts';
import { isTypeOnly, memberName, type Node, runtimeKeys, unwrap } from './syntax.ts';
import { environmentNames, unseenBy } from './unseen.ts';
import { classText, enumText, functionText } from './written-declarations.ts';

// Parts of nodes that are no nodes and yet count.
const SCALARS = ['operator', 'prefix', 'kind', 'delegate', 'await', 'computed', 'optional', 'async', 'generator'] as const;
const BODIES = new Set(['consequent', 'alternate', 'body']);

// Nodes that may depend on what nobody sees.
const MAY_HIDE = new Set(['Identifier', 'MemberExpression', 'VariableDeclarator', 'CallExpression', 'NewExpression', 'ImportExpression']);

type Of<T extends Node['type']> = Extract<Node, { type: T }>;

/** Writes code in one spelling. Each node stands in brackets, so that two pieces of code share a text only if they do the same. */
export class Writer {
  readonly naming: Naming;
  readonly references: Reference[] = [];
  readonly environment = new Set<string>();
  readonly unseen = new Set<string>();
  private readonly around: Surroundings;
  private readonly leftOut: ReadonlySet<Node>;
  private readonly handled = new WeakSet<Node>();

  constructor(around: Surroundings, leftOut: ReadonlySet<Node> = new Set()) {
    this.around = around;
    this.leftOut = leftOut;
    this.naming = new Naming(around);
  }

  write(given: Node | null | undefined): string {
    if (!given || this.leftOut.has(given)) return '_';
    const reference = this.around.references.get(given.start);
    if (reference) return `<${this.references.push(reference)}>`;
    const node = unwrap(given);
    if (node !== given) return this.write(node);
    if (isTypeOnly(node)) return '';
    if (MAY_HIDE.has(node.type)) this.look(node);
    switch (node.type) {
      case 'Identifier':
        return this.naming.name(node.name);
      case 'JSXIdentifier':
        return this.naming.isGlobal(node.name) ? JSON.stringify(node.name) : this.naming.name(node.name);
      case 'JSXText':
        return JSON.stringify(node.value);
      case 'Literal':
        return literalText(node);
      case 'TemplateLiteral':
        return this.template(node);
      case 'TaggedTemplateExpression':
        // A tag sees the text as it was written.
        return `(Tagged ${this.write(node.tag)}${this.gaps(node.quasi, ({ raw }) => raw)})`;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return functionText(this, node);
      case 'ClassDeclaration':
      case 'ClassExpression':
        return classText(this, node);
      case 'TSParameterProperty':
        return this.write(node.parameter);
      case 'MemberExpression':
        return this.member(node);
      case 'Property':
        return `${node.kind === 'init' ? '' : `${node.kind} `}${this.key(node.key, node.computed)}:${this.write(node.value)}`;
      case 'VariableDeclaration':
        return node.declarations.map((each) => `${node.kind} ${this.write(each)}`).join('');
      case 'VariableDeclarator':
        return `(Is ${this.write(node.id)}=${this.initial(node)})`;
      case 'ImportExpression':
        return `(Import ${this.write(node.source)})`;
      case 'CallExpression':
        return this.call(node);
      case 'LabeledStatement':
        return `(Labeled ${node.label.name} ${this.write(node.body)})`;
      case 'BreakStatement':
      case 'ContinueStatement':
        return `(${node.type} ${node.label?.name ?? ''})`;
      case 'MetaProperty':
        return `(${node.meta.name}.${node.property.name})`;
      default: {
        const names = scopeNames(node);
        return names?.size ? this.naming.within(names, () => this.parts(node)) : this.parts(node);
      }
    }
  }

  list(nodes: readonly (Node | null)[]): string {
    return `[${this.items(nodes)}]`;
  }

  /** What stands in a list, without its brackets. */
  items(nodes: readonly (Node | null)[]): string {
    let text = '';
    for (const node of nodes) {
      if (node && (isTypeOnly(node) || node.type === 'EmptyStatement' || ('directive' in node && node.directive))) continue;
      text += `${this.write(node)},`;
    }
    return text;
  }

  /** The name of a property or method: `a`, `'a'` and `['a']` are one. */
  key(key: Node, computed: boolean): string {
    const inner = unwrap(key);
    if (inner.type === 'PrivateIdentifier') return `#${inner.name} `;
    if (!computed && inner.type === 'Identifier') return JSON.stringify(inner.name);
    const isPlain = inner.type === 'Literal' && (typeof inner.value === 'string' || typeof inner.value === 'number');
    return isPlain ? JSON.stringify(String(inner.value)) : this.write(inner);
  }

  enum(shape: EnumShape): string {
    return enumText(this, shape);
  }

  /** A node that needs no word of its own: its type, and its parts by name. */
  private parts(node: Node): string {
    const values = node as unknown as Record<string, unknown>;
    let text = `(${node.type}`;
    for (const key of SCALARS) if (values[key]) text += ` ${key}=${values[key]}`;
    for (const key of runtimeKeys(node.type)) {
      const value = values[key] as Node | readonly Node[] | null;
      // Parsers give TypeScript empty lists of decorators where JavaScript has no list.
      if (!value || (key === 'decorators' && Array.isArray(value) && !value.length)) continue;
      text += ` ${key}:`;
      if (Array.isArray(value)) text += this.list(value);
      else text += BODIES.has(key) ? this.body(value as Node) : this.write(value as Node);
    }
    return `${text})`;
  }

  /** `if (a) b;` and `if (a) { b; }` are one. */
  private body(node: Node): string {
    return node.type === 'BlockStatement' ? this.naming.within(scopeNames(node) ?? [], () => this.list(node.body)) : this.list([node]);
  }

  private template(node: Of<'TemplateLiteral'>): string {
    const [first] = node.quasis;
    if (first && !node.expressions.length) return JSON.stringify(first.value.cooked);
    return `(Template ${this.gaps(node, ({ cooked }) => cooked)})`;
  }

  private gaps({ quasis, expressions }: Of<'TemplateLiteral'>, text: (value: { raw: string; cooked: string | null }) => string | null) {
    const parts = quasis.map(({ value }, index) => {
      const gap = expressions[index];
      return JSON.stringify(text(value)) + (gap ? this.write(gap) : '');
    });
    return parts.join('');
  }

  private initial({ init }: Of<'VariableDeclarator'>): string {
    const shape = compiledEnum(init);
    return shape ? this.enum(shape) : this.write(init);
  }

  private member(node: Of<'MemberExpression'>): string {
    const chain = this.naming.chain(node);
    if (chain !== undefined) return chain;
    const name = memberName(node);
    const property = name === undefined ? this.key(node.property, true) : JSON.stringify(name);
    return `(Of${node.optional ? '? ' : ' '}${this.write(node.object)}${property})`;
  }

  private call(node: Of<'CallExpression'>): string {
    const callee = this.write(node.callee);
    const wires = isWiring(node, this.naming.imported);
    const [first, ...others] = node.arguments;
    const definition = unwrap(first);
    if (wires) this.naming.depth++;
    const isStep = definition?.type === 'ObjectExpression' && isStepMaker(flowymlFunction(node.callee, this.naming.imported));
    const args = isStep ? this.list(withoutPolicy(definition)) + this.list(others) : this.list(node.arguments);
    if (wires) this.naming.depth--;
    return `(Call${node.optional ? '? ' : ' '}${callee}${args})`;
  }

  /** Notes what a node depends on without saying so. */
  private look(node: Node): void {
    const { isGlobal, imported } = this.naming;
    for (const name of environmentNames(node, isGlobal, imported, this.handled)) this.environment.add(name);
    const what = unseenBy(node, isGlobal, this.around.references);
    if (what !== undefined) this.unseen.add(what);
  }
}

function literalText(node: Of<'Literal'>): string {
  if ('regex' in node) return `(Regex ${JSON.stringify(node.regex.pattern)} ${node.regex.flags})`;
  if ('bigint' in node) return `${node.bigint}n `;
  // JSON has no word for Infinity, which `1e999` is.
  return typeof node.value === 'number' ? `${node.value} ` : JSON.stringify(node.value);
}
