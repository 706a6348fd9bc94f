import { type Argument, type CallExpression, type NewExpression, type ParseResult, Visitor } from 'oxc-parser';
import type { SourceFile } from './source-file.ts';

/** How a module names another file: `import` covers re-exports and `import()`, `url` is `new URL('…', import.meta.url)`. */
export type ReferenceKind = 'import' | 'require' | 'url';

/** What a module says that it needs, as it says it. */
export interface Reference {
  kind: ReferenceKind;
  specifier: string;
  /** Where it stands in the text. */
  start: number;
}

const known = new WeakMap<SourceFile, Reference[]>();

/**
 * What a module refers to, in the order of its text. Left out is what is only there for types, and what cannot be seen
 * without running it: `import(name)`, paths put together.
 */
export function references(source: SourceFile): Reference[] {
  if (!source.parse) return [];
  let found = known.get(source);
  if (!found) {
    const text = source.text ?? '';
    const parsed = source.parse();
    found = [...fromImports(parsed, text), ...fromCalls(parsed, text)].sort((a, b) => a.start - b.start);
    known.set(source, found);
  }
  return found;
}

function fromImports({ module }: ParseResult, text: string): Reference[] {
  const found: Reference[] = [];
  const add = ({ value, start }: { value: string; start: number }) => found.push({ kind: 'import', specifier: value, start });
  // `import type` is gone when the module runs. `import { type A }` may stay as an import for its effects: it counts.
  const isTypeOnly = (statement: { start: number }, entries: readonly { isType: boolean }[]) =>
    entries.length > 0 &&
    entries.every(({ isType }) => isType) &&
    /^(?:import|export)\s+type\b/.test(text.slice(statement.start, statement.start + 40));
  for (const statement of module.staticImports) {
    if (!isTypeOnly(statement, statement.entries)) add(statement.moduleRequest);
  }
  for (const statement of module.staticExports) {
    const request = statement.entries.find(({ moduleRequest }) => moduleRequest)?.moduleRequest;
    if (request && !isTypeOnly(statement, statement.entries)) add(request);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const value = plainString(text, moduleRequest);
    if (value !== undefined) add({ value, start: moduleRequest.start });
  }
  return found;
}

/** The value of `'./x'`; undefined for anything that only looking at the tree can tell. */
const plainString = (text: string, { start, end }: { start: number; end: number }) =>
  /^(['"])([^'"\\]*)\1$/.exec(text.slice(start, end))?.[2];

// Walking the whole tree takes far longer than the list of imports, which the parser gives by itself.
const MAY_CALL = /\brequire\b|\bcreateRequire\b|\bnew\s+URL\b|\bimport\.meta\.resolve\b/;

function fromCalls(parsed: ParseResult, text: string): Reference[] {
  const oddImports = parsed.module.dynamicImports.some(({ moduleRequest }) => plainString(text, moduleRequest) === undefined);
  if (!oddImports && !MAY_CALL.test(text)) return [];
  const found: Reference[] = [];
  const add = (kind: ReferenceKind, node: Argument | undefined) => {
    const specifier = node && literal(node);
    if (node && specifier) found.push({ kind, specifier, start: node.start });
  };
  const requires = namesOfRequire(text);
  new Visitor({
    CallExpression(call) {
      if (isMetaResolve(call)) add('import', call.arguments[0]);
      else if (isRequire(call, requires)) add('require', call.arguments[0]);
    },
    NewExpression(call) {
      if (isUrlOfThisModule(call, text)) add('url', call.arguments[0]);
    },
    ImportExpression({ source }) {
      if (plainString(text, source) === undefined) add('import', source);
    },
    TSImportEqualsDeclaration({ moduleReference, importKind }) {
      if (moduleReference.type === 'TSExternalModuleReference' && importKind !== 'type') add('require', moduleReference.expression);
    },
  }).visit(parsed.program);
  return found;
}

/** The text of a string or of a template without gaps, through casts and parentheses. */
function literal(node: Argument): string | undefined {
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? node.value : undefined;
    case 'TemplateLiteral':
      return node.expressions.length ? undefined : (node.quasis[0]?.value.cooked ?? undefined);
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
      return literal(node.expression);
    default:
      return undefined;
  }
}

/** `require`, and what the module names `createRequire(…)`. */
const namesOfRequire = (text: string) =>
  new Set(['require', ...[...text.matchAll(/([\w$]+)\s*=\s*(?:[\w$]+\s*\.\s*)?createRequire\s*\(/g)].flatMap(([, name]) => name ?? [])]);

/** `require('x')`, `require.resolve('x')`, `createRequire(…)('x')`. */
function isRequire({ callee }: CallExpression, names: ReadonlySet<string>): boolean {
  const target = callee.type === 'MemberExpression' && !callee.computed && callee.property.name === 'resolve' ? callee.object : callee;
  if (target.type === 'CallExpression') return target.callee.type === 'Identifier' && target.callee.name === 'createRequire';
  return target.type === 'Identifier' && names.has(target.name);
}

const isMetaResolve = ({ callee }: CallExpression) =>
  callee.type === 'MemberExpression' && !callee.computed && callee.object.type === 'MetaProperty' && callee.property.name === 'resolve';

function isUrlOfThisModule({ callee, arguments: [, base] }: NewExpression, text: string): boolean {
  return callee.type === 'Identifier' && callee.name === 'URL' && !!base && text.slice(base.start, base.end) === 'import.meta.url';
}
