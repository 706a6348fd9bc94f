import type { Reference } from './references.ts';
import type { SourceFile } from './source-file.ts';
import { boundNames, isName, isTypeOnly, type Node, unwrap } from './syntax.ts';

/** How a module's names are tied to those of others. */
export interface ModuleNames {
  /** What each imported name is in the module it comes from; `*` for all of that. */
  imports: Map<string, { reference: Reference; name: string }>;
  /** Where each exported name comes from: it is one of the module's own, or another module's. */
  exports: Map<string, { local: string } | { reference: Reference; name: string }>;
  /** `export * from` */
  stars: Reference[];
  /**
   * What runs before the module, in order; `locals` where compilers leave the import out if none of these is used, `bare`
   * where it is there for nothing but that.
   */
  before: { reference: Reference; locals?: string[]; bare?: boolean }[];
}

/** The name of a default export that has none. */
export const DEFAULT = '*default*';

/** Reads the imports and exports among a module's statements; `at` has its references by where they stand. */
export function moduleNames(source: SourceFile, body: readonly Node[], at: ReadonlyMap<number, Reference>): ModuleNames {
  const names: ModuleNames = { imports: new Map(), exports: new Map(), stars: [], before: [] };
  const isTypeScript = /\.[cm]?tsx?$/.test(source.file);
  for (const statement of body) {
    switch (statement.type) {
      case 'ImportDeclaration':
        takeImport(names, statement, at.get(statement.source.start), isTypeScript);
        break;
      case 'TSImportEqualsDeclaration':
        takeImportEquals(names, statement, at);
        break;
      case 'ExportAllDeclaration':
        takeStar(names, statement, at.get(statement.source.start));
        break;
      case 'ExportNamedDeclaration':
        takeExports(names, statement, statement.source ? at.get(statement.source.start) : undefined);
        break;
      case 'ExportDefaultDeclaration':
        if (!isTypeOnly(statement.declaration)) names.exports.set('default', { local: defaultName(statement.declaration) });
    }
  }
  return names;
}

type Of<T extends Node['type']> = Extract<Node, { type: T }>;

function takeImport(names: ModuleNames, statement: Of<'ImportDeclaration'>, reference: Reference | undefined, isTypeScript: boolean) {
  if (statement.importKind === 'type' || !reference) return;
  const locals: string[] = [];
  for (const each of statement.specifiers) {
    if (each.type === 'ImportSpecifier' && each.importKind === 'type') continue;
    const name = each.type === 'ImportSpecifier' ? nameOf(each.imported) : each.type === 'ImportDefaultSpecifier' ? 'default' : '*';
    names.imports.set(each.local.name, { reference, name });
    locals.push(each.local.name);
  }
  const bare = !statement.specifiers.length;
  names.before.push({ reference, ...(bare ? { bare } : isTypeScript ? { locals } : {}) });
}

/** `import a = require('b')` */
function takeImportEquals(names: ModuleNames, { id, importKind, moduleReference }: Of<'TSImportEqualsDeclaration'>, at: ReferencesAt) {
  if (importKind === 'type' || moduleReference.type !== 'TSExternalModuleReference') return;
  const reference = at.get(moduleReference.expression.start);
  if (!reference) return;
  names.imports.set(id.name, { reference, name: '*' });
  names.before.push({ reference, locals: [id.name] });
}

type ReferencesAt = ReadonlyMap<number, Reference>;

function takeStar(names: ModuleNames, { exported, exportKind }: Of<'ExportAllDeclaration'>, reference: Reference | undefined) {
  if (exportKind === 'type' || !reference) return;
  names.before.push({ reference });
  if (exported) names.exports.set(nameOf(exported), { reference, name: '*' });
  else names.stars.push(reference);
}

function takeExports(names: ModuleNames, statement: Of<'ExportNamedDeclaration'>, reference: Reference | undefined) {
  if (statement.exportKind === 'type') return;
  if (reference) names.before.push({ reference });
  for (const each of statement.specifiers) {
    if (each.exportKind === 'type') continue;
    const local = nameOf(each.local);
    names.exports.set(nameOf(each.exported), reference ? { reference, name: local } : { local });
  }
  for (const name of declaredBy(statement.declaration)) names.exports.set(name, { local: name });
}

function declaredBy(node: Node | null): string[] {
  if (!node || isTypeOnly(node)) return [];
  if (node.type === 'VariableDeclaration') return node.declarations.flatMap(({ id }) => boundNames(id));
  return 'id' in node ? boundNames(node.id) : [];
}

/** What a default export is called in its module: `export default a`, `export default function a() {}`. */
function defaultName(node: Node): string {
  const inner = unwrap(node);
  if (isName(inner)) return inner.name;
  const isDeclaration = inner.type === 'FunctionDeclaration' || inner.type === 'ClassDeclaration';
  return (isDeclaration && inner.id?.name) || DEFAULT;
}

const nameOf = (node: Node) => (node.type === 'Literal' ? String(node.value) : node.type === 'Identifier' ? node.name : '');
