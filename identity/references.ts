import { type CallExpression, type Expression, type NewExpression, type ParseResult, Visitor } from 'oxc-parser';
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
    const value = literalText(text.slice(moduleRequest.start, moduleRequest.end));
    if (value !== undefined) add({ value, start: moduleRequest.start });
  }
  return found;
}

/** `'./x'` → `./x`; undefined for anything but a plain string. */
function literalText(code: string): string | undefined {
  return /^(['"`])((?:(?!\1)[^\\$])*)\1$/.exec(code)?.[2];
}

// Walking the whole tree takes far longer than the list of imports, which the parser gives by itself.
const MAY_CALL = /\brequire\b|\bnew\s+URL\b|\bimport\.meta\.resolve\b/;

function fromCalls(parsed: ParseResult, text: string): Reference[] {
  if (!MAY_CALL.test(text)) return [];
  const found: Reference[] = [];
  const add = (kind: ReferenceKind, node: Expression | undefined) => {
    const specifier = node && literalText(text.slice(node.start, node.end));
    if (specifier) found.push({ kind, specifier, start: node.start });
  };
  new Visitor({
    CallExpression: (call) =>
      add(isMetaResolve(call) ? 'import' : 'require', isMetaResolve(call) || isRequire(call) ? argument(call, 0) : undefined),
    NewExpression: (call) => add('url', isOwnUrl(call, text) ? argument(call, 0) : undefined),
    TSImportEqualsDeclaration: ({ moduleReference, importKind }) => {
      if (moduleReference.type === 'TSExternalModuleReference' && importKind !== 'type') add('require', moduleReference.expression);
    },
  }).visit(parsed.program);
  return found;
}

function argument(call: CallExpression | NewExpression, index: number): Expression | undefined {
  const node = call.arguments[index];
  return node && node.type !== 'SpreadElement' ? node : undefined;
}

/** `require('x')` and `require.resolve('x')`, whoever made that `require`. */
function isRequire({ callee }: CallExpression): boolean {
  const target = callee.type === 'MemberExpression' && !callee.computed && callee.property.name === 'resolve' ? callee.object : callee;
  return target.type === 'Identifier' && target.name === 'require';
}

function isMetaResolve({ callee }: CallExpression): boolean {
  return (
    callee.type === 'MemberExpression' && !callee.computed && callee.object.type === 'MetaProperty' && callee.property.name === 'resolve'
  );
}

function isOwnUrl(call: NewExpression, text: string): boolean {
  const base = argument(call, 1);
  return (
    call.callee.type === 'Identifier' && call.callee.name === 'URL' && !!base && text.slice(base.start, base.end) === 'import.meta.url'
  );
}
