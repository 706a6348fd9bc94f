import { type Node, parseSync } from 'oxc-parser';
import { children } from '../../../identity/syntax.ts';

/** One small change to a file. */
export interface Mutation {
  file: string;
  what: string;
  start: number;
  end: number;
  replacement: string;
  /** The steps that reach the declaration that it is in, as the file says. */
  reachedBy: string[];
}

const OPERATORS: Record<string, string> = {
  '+': '-',
  '-': '+',
  '*': '+',
  '/': '*',
  '%': '*',
  '**': '*',
  '<<': '>>',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
  '??': '||',
  '+=': '-=',
  '=': '+=',
  '++': '--',
  '--': '++',
};

/** All changes of one literal, operator, name or statement that can be made to a file. */
export function mutationsOf(file: string, text: string): Mutation[] {
  const { program } = parseSync(file, text);
  const found: Mutation[] = [];
  for (const statement of program.body) {
    const before = text.slice(0, statement.start).trimEnd().split('\n').at(-1) ?? '';
    const steps = /^\/\/ @reached-by (.*)$/.exec(before)?.[1];
    if (steps === undefined) continue;
    const reachedBy = steps.split(' ').filter((name) => name !== '-');
    const add = (what: string, { start, end }: { start: number; end: number }, replacement: string) =>
      found.push({ file, what: `${file}: ${what} ${text.slice(start, end)} -> ${replacement}`, start, end, replacement, reachedBy });
    visit(statement, undefined, new Set(namesIn(statement)), add, text);
  }
  return found;
}

type Add = (what: string, at: { start: number; end: number }, replacement: string) => void;

function visit(node: Node, parent: Node | undefined, names: ReadonlySet<string>, add: Add, text: string): void {
  mutate(node, parent, names, add, text);
  for (const child of children(node)) visit(child, node, names, add, text);
}

function mutate(node: Node, parent: Node | undefined, names: ReadonlySet<string>, add: Add, text: string): void {
  switch (node.type) {
    case 'Literal':
      if ('regex' in node) add('pattern', node, `/${node.regex.pattern}x/${node.regex.flags}`);
      else if ('bigint' in node) add('literal', node, `${BigInt(node.bigint) + 1n}n`);
      else if (typeof node.value === 'number') add('literal', node, String(node.value + 1));
      else if (typeof node.value === 'string') add('literal', node, JSON.stringify(`${node.value}x`));
      else if (typeof node.value === 'boolean') add('literal', node, String(!node.value));
      break;
    case 'TemplateElement':
      if (node.value.raw)
        add('text', { start: text.indexOf(node.value.raw, node.start), end: text.indexOf(node.value.raw, node.start) }, 'x');
      break;
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'AssignmentExpression': {
      const other = OPERATORS[node.operator];
      const start = text.indexOf(node.operator, node.left.end);
      if (other) add('operator', { start, end: start + node.operator.length }, other);
      break;
    }
    case 'UpdateExpression':
      add('operator', node, text.slice(node.start, node.end).replace(node.operator, OPERATORS[node.operator] ?? ''));
      break;
    case 'UnaryExpression':
      if (node.operator === '!') add('operator', { start: node.start, end: node.argument.start }, '');
      break;
    case 'MemberExpression':
      if (!node.computed && node.property.type === 'Identifier') add('member', node.property, `${node.property.name}X`);
      break;
    case 'Identifier':
      if (isReference(node, parent))
        for (const name of [...names].filter((each) => each !== node.name).slice(0, 2)) add('name', node, name);
      break;
    case 'ExpressionStatement':
      if (parent?.type === 'BlockStatement') add('statement', node, ';');
  }
}

/** Whether a name stands for its value there: not where it is declared, nor a member's or a key's. */
function isReference(node: Node, parent: Node | undefined): boolean {
  switch (parent?.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'CallExpression':
    case 'ReturnStatement':
    case 'ConditionalExpression':
    case 'TemplateLiteral':
    case 'SpreadElement':
      return true;
    case 'MemberExpression':
      return parent.object === node;
    case 'AssignmentExpression':
      return parent.right === node;
    default:
      return false;
  }
}

/** The names that a statement uses for values. */
function namesIn(node: Node, parent?: Node): string[] {
  const own = node.type === 'Identifier' && isReference(node, parent) ? [node.name] : [];
  return [...own, ...children(node).flatMap((child) => namesIn(child, node))];
}
