import type { Surroundings } from './canonical.ts';
import { EffectNotes } from './effect-notes.ts';
import type { Effects, Mode } from './effects.ts';
import { isFlowymlCall } from './flowyml-calls.ts';
import { endsLoading, isMainTest, isSetUp, isZod } from './loading.ts';
import { scopeNames } from './scopes.ts';
import { assignedTo, awaited, chainOf, children, type FunctionNode, isFunction, isName, type Node, unwrap } from './syntax.ts';

type ClassNode = Extract<Node, { type: 'ClassDeclaration' | 'ClassExpression' }>;

/** Walks over the code that runs, and leaves out what does not. */
export class EffectReader {
  private readonly notes: EffectNotes;
  private readonly around: Surroundings;
  private mode: Mode;

  constructor(code: Node, mode: Mode, around: Surroundings) {
    this.mode = mode;
    this.around = around;
    this.notes = new EffectNotes(code, around);
    if (mode !== 'load' && isFunction(code)) this.enter(code);
    else if (mode === 'run' && isClass(code)) this.construct(code);
    else this.visit(code);
  }

  get effects(): Effects {
    return this.notes.effects;
  }

  private visit(given: Node | null | undefined): void {
    const node = unwrap(given);
    if (!node) return;
    if (isFunction(node)) {
      if (this.mode !== 'load') this.enter(node);
    } else if (node.type === 'ReturnStatement') this.result(node.argument);
    else if (node.type === 'IfStatement') {
      this.visit(node.test);
      if (!isMainTest(node.test)) this.visit(node.consequent);
      this.visit(node.alternate);
    } else {
      this.note(node);
      this.within(node, () => this.inside(node));
    }
  }

  /** What a node does by itself. */
  private note(node: Node): void {
    const { notes } = this;
    switch (node.type) {
      case 'ExpressionStatement':
        if (isSetUp(node.expression, notes.imported) || this.isLoading(node.expression)) notes.effects.everywhere = true;
        break;
      case 'ImportExpression':
        notes.effects.everywhere = true;
        break;
      case 'Decorator':
        notes.call(node.expression, { whole: this.mode === 'all' });
        break;
      case 'AssignmentExpression':
        this.assign(node.left);
        break;
      case 'UpdateExpression':
        this.assign(node.argument);
        break;
      case 'UnaryExpression':
        if (node.operator === 'delete') this.assign(node.argument);
        break;
      case 'ForInStatement':
      case 'ForOfStatement':
        if (node.left.type !== 'VariableDeclaration') this.assign(node.left);
    }
  }

  /** `load('./set-up.cjs')`, whatever `require` is called there. */
  private isLoading(expression: Node): boolean {
    const call = awaited(expression);
    const [first] = call?.type === 'CallExpression' ? call.arguments : [];
    return first !== undefined && this.around.references.has(first.start);
  }

  /** What the parts of a node do. */
  private inside(node: Node): void {
    switch (node.type) {
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.class(node);
        break;
      case 'BlockStatement':
      case 'Program':
        this.statements(node.body);
        break;
      case 'CallExpression':
      case 'NewExpression':
        this.call(node, node.callee, node.arguments);
        break;
      case 'TaggedTemplateExpression':
        this.call(node, node.tag, node.quasi.expressions);
        break;
      case 'MemberExpression':
        this.visit(node.object);
        if (node.computed) this.visit(node.property);
        break;
      case 'Property':
      case 'PropertyDefinition':
      case 'MethodDefinition':
      case 'AccessorProperty':
        if (node.computed) this.visit(node.key);
        this.visit(node.value);
        break;
      default:
        for (const each of children(node)) this.visit(each);
    }
  }

  private within(node: Node, look: () => void): void {
    const names = scopeNames(node);
    if (names) this.notes.scopes.push(names);
    look();
    if (names) this.notes.scopes.pop();
  }

  private statements(body: readonly Node[]): void {
    for (const each of body) {
      this.visit(each);
      if (endsLoading(each, this.notes.imported)) return;
    }
  }

  private enter(node: FunctionNode): void {
    const before = this.mode;
    if (before === 'load') this.mode = 'run';
    this.within(node, () => {
      for (const each of node.params) this.visit(each);
      if (node.body?.type === 'BlockStatement') this.statements(node.body.body);
      else this.result(node.body);
    });
    this.mode = before;
  }

  /** What a function returns. Functions in it are not called by that. */
  private result(value: Node | null): void {
    const node = unwrap(value);
    if (!node || (this.mode !== 'all' && isFunction(node))) return;
    if (node.type === 'ObjectExpression') for (const each of node.properties) this.result(each.type === 'Property' ? each.value : each);
    else this.visit(node);
  }

  private class(node: ClassNode): void {
    for (const each of node.decorators ?? []) this.visit(each);
    this.visit(node.superClass);
    if (node.superClass && this.mode !== 'load') this.notes.call(node.superClass, { whole: this.mode === 'all', isNew: true });
    for (const each of node.body.body) {
      if (this.mode !== 'load') this.visit(each);
      else if (each.type === 'StaticBlock') this.within(each, () => this.statements(each.body));
      else if (each.type !== 'TSIndexSignature') {
        for (const decorator of each.decorators ?? []) this.visit(decorator);
        if (each.computed) this.visit(each.key);
        if (each.static) this.visit(each.value);
      }
    }
  }

  /** What `new` runs: fields and the constructor, here and in what the class extends. */
  private construct(node: ClassNode): void {
    this.within(node, () => {
      if (node.superClass) this.notes.call(node.superClass, { whole: false, isNew: true });
      for (const each of node.body.body) {
        if (each.type === 'MethodDefinition' && each.kind === 'constructor') this.enter(each.value as FunctionNode);
        else if (each.type === 'PropertyDefinition' && !each.static) this.visit(each.value);
      }
    });
  }

  private call(node: Node, called: Node, args: readonly Node[]): void {
    const callee = unwrap(called);
    if (isFlowymlCall(node, this.notes.imported) || this.isZodCall(node)) {
      this.keep([callee, ...args]);
      return;
    }
    if (isFunction(callee)) this.enter(callee);
    else this.visit(callee);
    const whole = this.mode === 'all';
    const isNew = node.type === 'NewExpression';
    const use = isFunction(callee) ? 'called' : this.notes.call(callee, { whole, isNew, ...(args[0] ? { first: args[0] } : {}) });
    for (const each of args) {
      const arg = unwrap(each);
      if (arg.type === 'ThisExpression') this.notes.effects.callsThis = true;
      if (isFunction(arg) && (use === 'called' || whole)) this.enter(arg);
      else if (!isFunction(arg)) this.visit(arg);
      if (use === 'called' && (isName(arg) || arg.type === 'MemberExpression')) this.notes.call(arg, { whole });
    }
  }

  private isZodCall(node: Node): boolean {
    const { root } = chainOf(node);
    return isName(root) && isZod(this.notes.imported(root.name)?.specifier ?? '');
  }

  /** What is given to flowyml or zod is worked out, and kept. */
  private keep(nodes: readonly Node[]): void {
    const before = this.mode;
    this.mode = 'load';
    for (const each of nodes) this.visit(each);
    this.mode = before;
  }

  private assign(node: Node): void {
    for (const target of assignedTo(node)) {
      if (isName(target)) this.notes.set(target.name);
      else if (target.type === 'MemberExpression' && !isExitCode(target)) this.notes.change(target.object);
    }
  }
}

const isClass = (node: Node): node is ClassNode => node.type === 'ClassDeclaration' || node.type === 'ClassExpression';

function isExitCode(node: Node): boolean {
  const { root, path } = chainOf(node);
  return isName(root) && root.name === 'process' && path.join('.') === 'exitCode';
}
