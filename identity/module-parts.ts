import type { Program } from 'oxc-parser';
import { type Canonical, canonical, type Surroundings } from './canonical.ts';
import { compiledEnum, type EnumShape, enumShape } from './enums.ts';
import { DEFAULT, type ModuleNames, moduleNames } from './module-names.ts';
import { references } from './references.ts';
import { lexicalNames, varNames } from './scopes.ts';
import type { SourceFile } from './source-file.ts';
import { boundNames, isName, isTypeOnly, type Node, unwrap } from './syntax.ts';

/** A declaration or statement of a module's top level: the grain of a step's identity. */
export interface Part {
  module: ModuleParts;
  /** The names it declares; none for a statement. */
  names: string[];
  kind: 'function' | 'class' | 'variable' | 'enum' | 'value' | 'statement' | 'whole';
  /** For a variable its one declarator. */
  node: Node;
  canonical(): Canonical;
}

/** A module of the project, taken apart. */
export interface ModuleParts extends ModuleNames {
  source: SourceFile;
  /** In the order of the text. */
  parts: Part[];
  /** Several for names declared again, as merged enums are. */
  declared: ReadonlyMap<string, Part[]>;
  around: Surroundings;
}

const known = new WeakMap<SourceFile, ModuleParts>();

/** Takes a file of TypeScript or JavaScript apart; what was done for the same text is kept. */
export function moduleParts(source: SourceFile): ModuleParts {
  let parts = known.get(source);
  if (!parts) {
    parts = takeApart(source);
    known.set(source, parts);
  }
  return parts;
}

function takeApart(source: SourceFile): ModuleParts {
  const parsed = source.parse?.();
  const isBroken = !parsed || parsed.errors.some(({ severity }) => severity === 'Error');
  const body = isBroken ? [] : parsed.program.body;
  const found = references(source);
  const at = new Map(found.map((each) => [each.start, each]));
  const names = moduleNames(source, body, at);
  const declared = new Map<string, Part[]>();
  const around: Surroundings = {
    names: new Set([...names.imports.keys(), ...topLevelNames(body)]),
    imported: (name) => {
      const entry = names.imports.get(name);
      return entry && { specifier: entry.reference.specifier, name: entry.name };
    },
    references: at,
  };
  const module: ModuleParts = { ...names, source, parts: [], declared, around };
  const commonJs = !isBroken && isCommonJs(source, parsed.module.hasModuleSyntax);
  if (isBroken) module.parts = [opaque(module, [])];
  else if (commonJs) module.parts = [whole(module, parsed.program)];
  else module.parts = topLevel(module, body);
  for (const part of module.parts) {
    for (const name of part.names) declared.set(name, [...(declared.get(name) ?? []), part]);
  }
  // When these are loaded shows only when it runs.
  for (const reference of found) if (reference.kind === 'require') module.before.push({ reference });
  return module;
}

const isCommonJs = ({ file, text = '' }: SourceFile, hasModuleSyntax: boolean) =>
  /\.c[jt]s$/.test(file) || (!hasModuleSyntax && /\bmodule\s*\.\s*exports\b|\bexports\s*[.[]|\brequire\s*\(/.test(text));

/** The statement or declaration inside `export`. */
const declarationOf = (statement: Node) =>
  statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
    ? (statement.declaration ?? undefined)
    : statement;

function topLevelNames(body: readonly Node[]): string[] {
  return body.flatMap((statement) => {
    const inner = declarationOf(statement);
    if (!inner || isTypeOnly(inner)) return [];
    if (inner.type === 'TSModuleDeclaration') return isName(inner.id) ? [inner.id.name] : [];
    if (inner.type === 'TSImportEqualsDeclaration') return [inner.id.name];
    return [...lexicalNames([inner]), ...varNames([inner])];
  });
}

function topLevel(module: ModuleParts, body: readonly Node[]): Part[] {
  const parts: Part[] = [];
  for (let index = 0; index < body.length; index++) {
    const statement = body[index] as Node;
    if (/^Import|^ExportAll/.test(statement.type)) continue;
    const inner = declarationOf(statement);
    if (!inner || isTypeOnly(inner)) continue;
    const split = splitEnum(inner, body[index + 1]);
    if (split) {
      parts.push(part(module, 'enum', [split.name], inner, split.shape));
      if (split.tookNext) index++;
    } else parts.push(...partsOf(module, inner, statement.type === 'ExportDefaultDeclaration'));
  }
  return parts;
}

function partsOf(module: ModuleParts, node: Node, isDefault: boolean): Part[] {
  switch (node.type) {
    case 'VariableDeclaration':
      return node.declarations.map((each) => part(module, 'variable', boundNames(each.id), each));
    case 'FunctionDeclaration':
      return [part(module, 'function', [node.id?.name ?? DEFAULT], node)];
    case 'ClassDeclaration':
      return [part(module, 'class', [node.id?.name ?? DEFAULT], node)];
    case 'TSEnumDeclaration':
      return [part(module, 'enum', [node.id.name], node, enumShape(node))];
    case 'TSModuleDeclaration':
      return [opaque(module, isName(node.id) ? [node.id.name] : [], node)];
    case 'TSImportEqualsDeclaration':
      // `import a = require('b')` is an import like others; `import a = Namespace.b` is a declaration.
      return node.moduleReference.type === 'TSExternalModuleReference' ? [] : [opaque(module, [node.id.name], node)];
    default:
      if (!isDefault) return [part(module, 'statement', varNames([node]), node)];
      return isName(unwrap(node)) ? [] : [part(module, 'value', [DEFAULT], node)];
  }
}

/** A compiled enum is one declaration, though it may be two statements. */
function splitEnum(node: Node, next: Node | undefined): { name: string; shape: EnumShape; tookNext: boolean } | undefined {
  if (node.type !== 'VariableDeclaration' || node.declarations.length !== 1) return undefined;
  const [declarator] = node.declarations;
  if (!declarator || !isName(declarator.id)) return undefined;
  const name = declarator.id.name;
  const following = !declarator.init && next?.type === 'ExpressionStatement' ? next.expression : undefined;
  const shape = compiledEnum(declarator.init ?? following);
  return shape && (shape.of ?? name) === name ? { name, shape, tookNext: !declarator.init } : undefined;
}

const pieces = new WeakMap<Node, Part>();

/** An expression within a declaration or statement, looked at by itself. It must not use names that are local to its place. */
export function piece(module: ModuleParts, node: Node): Part {
  return kept(node, () => part(module, 'value', [], node));
}

/** A part without what stands around `inner` and has nothing to do with it. */
export function partWithout({ module, kind, names, node }: Part, inner: Node, leftOut: ReadonlySet<Node>): Part {
  return kept(inner, () => part(module, kind, names, node, node, leftOut));
}

function kept(node: Node, make: () => Part): Part {
  const made = pieces.get(node) ?? make();
  pieces.set(node, made);
  return made;
}

function part(
  module: ModuleParts,
  kind: Part['kind'],
  names: string[],
  node: Node,
  code: Node | EnumShape = node,
  leftOut?: ReadonlySet<Node>,
): Part {
  let text: Canonical | undefined;
  return {
    module,
    names,
    kind,
    node,
    canonical() {
      text ??= safely(() => canonical(code, module.around, leftOut)) ?? opaque(module, names, node).canonical();
      return text;
    },
  };
}

/** Code nested deeper than the call stack goes is taken as it is written. */
function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** CommonJS: what is exported shows only when it runs, so a file is one part. */
const whole = (module: ModuleParts, program: Program): Part => part(module, 'whole', [...module.around.names], program);

/** Code that is taken as it is written, and may use all names of its module. */
function opaque(module: ModuleParts, names: string[], node?: Node): Part {
  const { source, around } = module;
  const text = (source.text ?? '').slice(node?.start ?? 0, node?.end);
  const inside = [...around.references.values()].filter(({ start }) => !node || (start >= node.start && start < node.end));
  const plain: Node = { type: 'Literal', value: text, raw: null, start: -1, end: -1 };
  const made = part(module, 'whole', names, node ?? plain, plain);
  return {
    ...made,
    canonical: () => ({
      ...made.canonical(),
      mentions: [...around.names].map((name) => ({ name, path: [], given: false })),
      references: inside,
    }),
  };
}
