import type { ModuleParts } from './module-parts.ts';
import type { Reference } from './references.ts';
import type { SourceFile } from './source-file.ts';
import { boundNames, isName, isTypeOnly, type Node, unwrap } from './syntax.ts';

// How a module's names are tied to those of others.

type Imports = Map<string, { reference: Reference; name: string }>;
type ReferencesAt = ReadonlyMap<number, Reference>;

/** The names that a module imports, and what it makes run before itself by doing so. */
export function moduleImports(source: SourceFile, body: readonly Node[], at: ReferencesAt) {
  const imports: Imports = new Map();
  const before: ModuleParts['before'] = [];
  // Compilers leave out an import of which nothing is used but types.
  const isTypeScript = /\.[cm]?tsx?$/.test(source.file);
  for (const statement of body) {
    if (statement.type === 'TSImportEqualsDeclaration' && statement.importKind !== 'type') {
      const reference = statement.moduleReference.type === 'TSExternalModuleReference' && at.get(statement.moduleReference.expression.start);
      if (!reference) continue;
      imports.set(statement.id.name, { reference, name: '*' });
      before.push({ reference, locals: [statement.id.name] });
    }
    if (statement.type !== 'ImportDeclaration' || statement.importKind === 'type') continue;
    const reference = at.get(statement.source.start);
    if (!reference) continue;
    const locals: string[] = [];
    for (const each of statement.specifiers) {
      if (each.type === 'ImportSpecifier' && each.importKind === 'type') continue;
      const name = each.type === 'ImportSpecifier' ? nameOf(each.imported) : each.type === 'ImportDefaultSpecifier' ? 'default' : '*';
      imports.set(each.local.name, { reference, name });
      locals.push(each.local.name);
    }
    before.push({ reference, ...(isTypeScript && statement.specifiers.length ? { locals } : {}) });
  }
  return { imports, before };
}

/** The names that a module exports; `from` is what it names other modules by for that. */
export function moduleExports(body: readonly Node[], at: ReferencesAt) {
  const exports: Map<string, ModuleParts['exports'] extends ReadonlyMap<string, infer E> ? E : never> = new Map();
  const stars: Reference[] = [];
  const from: Reference[] = [];
  for (const statement of body) {
    if (statement.type === 'ExportAllDeclaration' && statement.exportKind !== 'type') {
      const reference = at.get(statement.source.start);
      if (!reference) continue;
      from.push(reference);
      if (statement.exported) exports.set(nameOf(statement.exported), { reference, name: '*' });
      else stars.push(reference);
    } else if (statement.type === 'ExportNamedDeclaration' && statement.exportKind !== 'type') {
      const reference = statement.source ? at.get(statement.source.start) : undefined;
      if (reference) from.push(reference);
      for (const each of statement.specifiers) {
        if (each.exportKind === 'type') continue;
        const local = nameOf(each.local);
        exports.set(nameOf(each.exported), reference ? { reference, name: local } : { local });
      }
      for (const name of declaredBy(statement.declaration)) exports.set(name, { local: name });
    } else if (statement.type === 'ExportDefaultDeclaration' && !isTypeOnly(statement.declaration)) {
      const inner = unwrap(statement.declaration);
      const named = isName(inner) ? inner : 'id' in inner && !/Expression$/.test(inner.type) ? inner.id : undefined;
      exports.set('default', { local: isName(named ?? undefined) ? (named as { name: string }).name : '*default*' });
    }
  }
  return { exports, stars, from };
}

function declaredBy(node: Node | null): string[] {
  if (!node || isTypeOnly(node)) return [];
  if (node.type === 'VariableDeclaration') return node.declarations.flatMap(({ id }) => boundNames(id));
  return 'id' in node && isName(node.id ?? undefined) ? [(node.id as { name: string }).name] : [];
}

const nameOf = (node: Node) => (node.type === 'Literal' ? String(node.value) : node.type === 'Identifier' ? node.name : '');
