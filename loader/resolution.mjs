import { createRequire, isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fromSource, isOwnCode, ownPackage } from './own.mjs';
import { forgetTsconfigs, hasTsconfig } from './tsconfig.mjs';

// Which file a specifier means where Node's own answer is not the one that a TypeScript user expects.

const require = createRequire(import.meta.url);

const SOURCE_CONDITION = 'flowyml-source';
const OWN = /^flowyml(?:\/|$)/;
// What oxc's translation calls (decorators, `using`), wherever the translated file is.
const HELPERS = /^@oxc-project\/runtime\//;
// zod is part of the language: a project that has no flowyml of its own has no zod either, and takes ours.
const LENT = /^zod(?:\/|$)/;
const PATH = /^(?:\.{0,2}\/|\.{1,2}$|[a-z][a-z0-9+.-]*:)/i;
// `./x.js` in TypeScript means x.ts, also where a build left an older x.js beside it.
const BUILT = /^\.{1,2}\/.*\.[cm]?jsx?$/;
const TYPESCRIPT = /\.[cm]?tsx?$/;
const DECLARATION = /\.d\.[cm]?ts$/;
// In the query of a module's address: which reload of it this is. Its imports get the same.
const FRESH = /[?&]flowyml-fresh=(\d+)/;

const REPAIRABLE = new Set([
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_INVALID_MODULE_SPECIFIER',
  'ERR_PACKAGE_IMPORT_NOT_DEFINED',
  'MODULE_NOT_FOUND',
]);

/** What to ask Node instead, or `{ url }` where the answer is known without it; `finish` is for Node's answer. */
export function redirect(specifier, context) {
  const { parentURL } = context;
  startReload(specifier);
  const finish = (result) => jsonAsModule(reloaded(result, parentURL), context);
  if (OWN.test(specifier)) {
    // With our own package.json as the parent, Node resolves the package by its own name: to the copy that runs.
    return { specifier, context: { ...context, parentURL: ownPackage, conditions: ownConditions(context.conditions) }, finish };
  }
  if (HELPERS.test(specifier)) return { specifier, context: { ...context, parentURL: import.meta.url }, finish };
  const parent = typescriptParent(parentURL);
  const file = parent && (BUILT.test(specifier) ? asTypescript(parent, specifier, context) : byTsconfigPaths(parent, specifier));
  if (file) return finish(answer(file, context));
  return { specifier, context, finish };
}

/** Resolves as TypeScript does what Node could not find; throws Node's error where that fails too. */
export function rescue(error, specifier, context) {
  if (!REPAIRABLE.has(error?.code)) throw error;
  const parent = typescriptParent(context.parentURL);
  if (parent) {
    const file = asTypescript(parent, specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier, context);
    if (file) return answer(file, context);
  }
  if (LENT.test(specifier)) {
    const { path } = resolver(context.conditions).sync(dirname(fileURLToPath(ownPackage)), specifier);
    if (path) return answer(path, context);
  }
  throw error;
}

const answer = (file, context) => ({
  url: pathToFileURL(file).href,
  importAttributes: context.importAttributes,
  shortCircuit: true,
});

/** The path of the importing file, where that is a user's TypeScript. */
function typescriptParent(parentURL) {
  if (!parentURL?.startsWith('file:') || isOwnCode(parentURL)) return undefined;
  const path = fileURLToPath(parentURL);
  return TYPESCRIPT.test(path) ? path : undefined;
}

function ownConditions(conditions) {
  const others = [...conditions].filter((condition) => condition !== SOURCE_CONDITION);
  return fromSource ? [...others, SOURCE_CONDITION] : others;
}

function asTypescript(parent, specifier, { conditions }) {
  const { path } = resolver(conditions).resolveFileSync(parent, specifier);
  return path && !DECLARATION.test(path) ? path : undefined;
}

/** By the tsconfig's `paths` and `baseUrl` alone: these win over packages, as they do where types are checked. */
function byTsconfigPaths(parent, specifier) {
  if (PATH.test(specifier) || isBuiltin(specifier) || !hasTsconfig(dirname(parent))) return undefined;
  const { path } = resolver([], { modules: [], exportsFields: [], importsFields: [], nodePath: false }).resolveFileSync(parent, specifier);
  return path && !DECLARATION.test(path) ? path : undefined;
}

const resolvers = new Map();

function resolver(conditions, more = {}) {
  const key = JSON.stringify([[...conditions], more]);
  let found = resolvers.get(key);
  if (!found) {
    const { ResolverFactory } = require('oxc-resolver');
    found = new ResolverFactory({
      tsconfig: 'auto',
      extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'],
      extensionAlias: { '.js': ['.ts', '.tsx', '.js'], '.jsx': ['.tsx', '.jsx'], '.mjs': ['.mts', '.mjs'], '.cjs': ['.cts', '.cjs'] },
      conditionNames: [...conditions],
      mainFields: ['main'],
      ...more,
    });
    resolvers.set(key, found);
  }
  return found;
}

let latest;

/** Before a reload, what was read of folders and tsconfig.json files is forgotten. */
function startReload(specifier) {
  const token = FRESH.exec(specifier)?.[1];
  if (!token || token === latest) return;
  latest = token;
  for (const each of resolvers.values()) each.clearCache();
  forgetTsconfigs();
}

function reloaded(result, parentURL) {
  const token = parentURL && FRESH.exec(parentURL)?.[1];
  const { url } = result;
  if (!token || !url.startsWith('file:') || url.includes('/node_modules/') || isOwnCode(url)) return result;
  return { ...result, url: `${url.replace(/[?#].*$/, '')}?flowyml-fresh=${token}` };
}

/**
 * A user's JSON file becomes a module of its own where it is imported: then it needs no `with { type: 'json' }`, and Node 20
 * prints no warning. `require()` keeps its JSON; Node 20 does not tell it from `import` but by the file that it stands in.
 */
function jsonAsModule(result, { parentURL, conditions }) {
  if (!/\.json(?:[?#]|$)/.test(result.url) || !parentURL || result.url.includes('/node_modules/')) return result;
  return conditions.includes('require') || /\.c[jt]s(?:[?#]|$)/.test(parentURL) ? result : { ...result, format: 'module' };
}
