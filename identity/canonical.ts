import { createHash } from 'node:crypto';
import { writeClass, writeEnum, writeFunction } from './canonical-declarations.ts';
import { compiledEnum, type EnumShape } from './enums.ts';
import { flowymlFunction, type Imported, isFlowymlCall, isStepMaker, withoutPolicy } from './flowyml-calls.ts';
import type { Reference } from './references.ts';
import { scopeNames } from './scopes.ts';
import { isTypeOnly, memberName, type Node, runtimeKeys, unwrap } from './syntax.ts';
import { environmentNames, unseenBy } from './unseen.ts';

/** What the text of a piece of code depends on in its module. */
export interface Surroundings {
  /** All names of the module's top level, imports included. */
  names: ReadonlySet<string>;
  imported: Imported;
  /** What is named by `import()`, `require()`, `new URL('…', import.meta.url)`, by where the name stands. */
  references: ReadonlyMap<number, Reference>;
}

/** A mention of a name of the module's top level, with the members that follow it: `config`, `helpers.text.trim`. */
export interface Mention {
  name: string;
  path: string[];
  /** Whether it stands only in what flowyml is given: `steps` in `pipeline('p', { steps })`. */
  given: boolean;
}

/** A piece of code with all left out that does not change what it does. */
export interface Canonical {
  /** Of its text: without positions, comments and types; local names numbered, names of the top level by their mentions. */
  hash: string;
  mentions: Mention[];
  references: Reference[];
  /** Variables of the environment that it reads; `*` for all of them. */
  environment: string[];
  /** What it reaches that nobody can see in the text. */
  unseen: string[];
}

export function canonical(code: Node | EnumShape, around: Surroundings): Canonical {
  const writer = new Writer(around);
  if ('members' in code) writeEnum(writer, code);
  else writer.write(code);
  return writer.finish();
}

// Parts of nodes that are no nodes and yet count.
const SCALARS = ['operator', 'prefix', 'kind', 'delegate', 'await', 'computed', 'optional', 'async', 'generator'] as const;
const BODIES = new Set(['consequent', 'alternate', 'body']);
const LOCAL = '$';

/** Writes code in one spelling. Every node stands in brackets, so that two pieces of code share a text only if they do the same. */
export class Writer {
  private readonly around: Surroundings;
  private readonly out: string[] = [];
  private readonly scopes: Map<string, string>[] = [];
  private readonly mentions = new Map<string, Mention & { index: number }>();
  private readonly references: Reference[] = [];
  private readonly environment = new Set<string>();
  private readonly unseen = new Set<string>();
  private readonly handled = new WeakSet<Node>();
  private readonly imported: Imported = (name) => (this.isTopLevel(name) ? this.around.imported(name) : undefined);
  private locals = 0;
  private given = 0;

  constructor(around: Surroundings) {
    this.around = around;
  }

  finish(): Canonical {
    return {
      hash: createHash('sha256').update(this.out.join('')).digest('hex'),
      mentions: [...this.mentions.values()],
      references: this.references,
      environment: [...this.environment],
      unseen: [...this.unseen],
    };
  }

  put(text: string): void {
    this.out.push(text);
  }

  /** Writes with names that mean something of their own in there: `text` gives the spelling, a number for each unless given. */
  within(names: Iterable<string>, write: () => void, text?: (name: string) => string): void {
    const scope = new Map<string, string>();
    for (const name of names) scope.set(name, text ? text(name) : `${LOCAL}${this.locals++} `);
    this.scopes.push(scope);
    write();
    this.scopes.pop();
  }

  list(nodes: readonly (Node | null)[]): void {
    this.put('[');
    this.items(nodes);
    this.put(']');
  }

  /** What stands in a list, without its brackets. */
  items(nodes: readonly (Node | null)[]): void {
    for (const node of nodes) {
      if (node && (isTypeOnly(node) || node.type === 'EmptyStatement' || ('directive' in node && node.directive))) continue;
      this.write(node);
      this.put(',');
    }
  }

  /** The name of a property or method. `a`, `'a'` and `['a']` are one. */
  key(key: Node, computed: boolean): void {
    const inner = unwrap(key);
    if (inner.type === 'PrivateIdentifier') this.put(`#${inner.name} `);
    else if (!computed && inner.type === 'Identifier') this.put(JSON.stringify(inner.name));
    else if (inner.type === 'Literal' && (typeof inner.value === 'string' || typeof inner.value === 'number')) {
      this.put(JSON.stringify(String(inner.value)));
    } else this.write(inner);
  }

  name(name: string): void {
    const local = this.local(name);
    this.put(local ?? (this.around.names.has(name) ? this.mention(name, []) : `#${name} `));
  }

  local(name: string): string | undefined {
    return this.scopes.findLast((scope) => scope.has(name))?.get(name);
  }

  isTopLevel(name: string): boolean {
    return this.around.names.has(name) && this.local(name) === undefined;
  }

  write(given: Node | null | undefined): void {
    if (!given) return this.put('_');
    const reference = this.around.references.get(given.start);
    if (reference) {
      this.references.push(reference);
      return this.put(`<${this.references.length - 1}>`);
    }
    const node = unwrap(given);
    if (node !== given) return this.write(node);
    if (isTypeOnly(node)) return;
    this.look(node);
    switch (node.type) {
      case 'Identifier':
        return this.name(node.name);
      case 'JSXIdentifier':
        return this.isTopLevel(node.name) || this.local(node.name) ? this.name(node.name) : this.put(JSON.stringify(node.name));
      case 'Literal':
        return this.literal(node);
      case 'TemplateLiteral':
        return this.template(node, (quasi) => quasi.value.cooked ?? '');
      case 'TaggedTemplateExpression':
        this.put('(Tagged ');
        this.write(node.tag);
        // A tag sees the text as it was written.
        this.template(node.quasi, (quasi) => quasi.value.raw, true);
        return this.put(')');
      case 'JSXText':
        return this.put(JSON.stringify(node.value));
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return writeFunction(this, node);
      case 'ClassDeclaration':
      case 'ClassExpression':
        return writeClass(this, node);
      case 'TSParameterProperty':
        return this.write(node.parameter);
      case 'TSEnumDeclaration':
        return this.scopes.length ? this.generic(node) : undefined;
      case 'MemberExpression':
        return this.member(node);
      case 'Property':
        this.put(node.kind === 'init' ? '' : `${node.kind} `);
        this.key(node.key, node.computed);
        this.put(':');
        return this.write(node.value);
      case 'VariableDeclarator':
        this.put('(Is ');
        this.write(node.id);
        this.put('=');
        this.initial(node);
        return this.put(')');
      case 'VariableDeclaration':
        return node.declarations.forEach((each) => {
          this.put(`${node.kind} `);
          this.write(each);
        });
      case 'ImportExpression':
        this.put('(Import ');
        this.write(node.source);
        return this.put(')');
      case 'CallExpression':
        return this.call(node);
      case 'LabeledStatement':
      case 'BreakStatement':
      case 'ContinueStatement':
        this.put(`(${node.type} ${node.label?.name ?? ''} `);
        if (node.type === 'LabeledStatement') this.write(node.body);
        return this.put(')');
      case 'MetaProperty':
        return this.put(`(${node.meta.name}.${node.property.name})`);
      default:
        return this.generic(node);
    }
  }

  private generic(node: Node): void {
    const names = scopeNames(node);
    if (names?.size) this.within(names, () => this.parts(node));
    else this.parts(node);
  }

  private parts(node: Node): void {
    const values = node as unknown as Record<string, unknown>;
    this.put(`(${node.type}`);
    for (const key of SCALARS) if (values[key]) this.put(` ${key}=${values[key]}`);
    for (const key of runtimeKeys(node.type)) {
      const value = values[key] as Node | readonly Node[] | null;
      // Parsers give TypeScript empty lists of decorators where JavaScript has no list.
      if (!value || (key === 'decorators' && Array.isArray(value) && !value.length)) continue;
      this.put(` ${key}:`);
      if (Array.isArray(value)) this.list(value);
      else if (BODIES.has(key)) this.body(value as Node);
      else this.write(value as Node);
    }
    this.put(')');
  }

  /** `if (a) b;` and `if (a) { b; }` are one. */
  private body(node: Node): void {
    if (node.type === 'BlockStatement') this.within(scopeNames(node) ?? [], () => this.list(node.body));
    else this.list([node]);
  }

  private literal(node: Extract<Node, { type: 'Literal' }>): void {
    if ('regex' in node) this.put(`(Regex ${JSON.stringify(node.regex.pattern)} ${node.regex.flags})`);
    else if ('bigint' in node) this.put(`${node.bigint}n `);
    else this.put(typeof node.value === 'number' ? `${node.value} ` : JSON.stringify(node.value));
  }

  private template(node: Extract<Node, { type: 'TemplateLiteral' }>, text: (quasi: (typeof node.quasis)[number]) => string, tagged = false) {
    const [first] = node.quasis;
    if (!tagged && first && !node.expressions.length) return this.put(JSON.stringify(text(first)));
    this.put('(Template ');
    node.quasis.forEach((quasi, index) => {
      this.put(JSON.stringify(text(quasi)));
      const gap = node.expressions[index];
      if (gap) this.write(gap);
    });
    this.put(')');
  }

  private initial(node: Extract<Node, { type: 'VariableDeclarator' }>): void {
    const shape = this.scopes.length ? undefined : compiledEnum(node.init);
    if (shape) writeEnum(this, shape);
    else this.write(node.init);
  }

  private member(node: Extract<Node, { type: 'MemberExpression' }>): void {
    const chain = this.chain(node);
    if (chain) return this.put(this.mention(chain.name, chain.path));
    const name = memberName(node);
    this.put(`(Of${node.optional ? '? ' : ' '}`);
    this.write(node.object);
    if (name !== undefined) this.put(JSON.stringify(name));
    else if (node.property.type === 'PrivateIdentifier') this.put(`#${node.property.name}`);
    else this.write(node.property);
    this.put(')');
  }

  /** `a.b.c` where `a` is of the top level: which members are whose shows only when modules are linked. */
  private chain(node: Node): { name: string; path: string[] } | undefined {
    const inner = unwrap(node);
    if (inner.type === 'Identifier') return this.isTopLevel(inner.name) ? { name: inner.name, path: [] } : undefined;
    if (inner.type !== 'MemberExpression' || inner.optional) return undefined;
    const name = memberName(inner);
    const object = name === undefined ? undefined : this.chain(inner.object);
    return object && { name: object.name, path: [...object.path, name as string] };
  }

  private call(node: Extract<Node, { type: 'CallExpression' }>): void {
    const definition = unwrap(node.arguments[0]);
    const given = isFlowymlCall(node, this.imported);
    this.put(`(Call${node.optional ? '? ' : ' '}`);
    this.write(node.callee);
    if (given) this.given++;
    if (definition?.type === 'ObjectExpression' && isStepMaker(flowymlFunction(node.callee, this.imported))) {
      this.list(withoutPolicy(definition));
      this.list(node.arguments.slice(1));
    } else this.list(node.arguments);
    if (given) this.given--;
    this.put(')');
  }

  private mention(name: string, path: string[]): string {
    const key = [name, ...path].join('.');
    let mention = this.mentions.get(key);
    if (!mention) {
      mention = { index: this.mentions.size, name, path, given: true };
      this.mentions.set(key, mention);
    }
    if (!this.given) mention.given = false;
    return `@${mention.index} `;
  }

  private look(node: Node): void {
    const isGlobal = (name: string) => !this.around.names.has(name) && this.local(name) === undefined;
    for (const name of environmentNames(node, isGlobal, this.imported, this.handled)) this.environment.add(name);
    const what = unseenBy(node, isGlobal, this.around.references);
    if (what !== undefined) this.unseen.add(what);
  }
}
