import { realpathSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type NapiResolveOptions, ResolverFactory } from 'oxc-resolver';
import type { Reference } from './references.ts';

/** What a reference leads to: a file of the project, one of an installed package, or nothing that was found. */
export type Target = { kind: 'file'; file: string } | { kind: 'package'; file: string } | { kind: 'missing' };

// The same rules as in loader/resolution.mjs, and a test holds the two together: what is hashed must be what runs.
const NODE: NapiResolveOptions = { extensions: ['.js', '.json', '.node'], mainFields: ['main'] };
const TYPESCRIPT: NapiResolveOptions = {
  tsconfig: 'auto',
  extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'],
  extensionAlias: { '.js': ['.ts', '.tsx', '.js'], '.jsx': ['.tsx', '.jsx'], '.mjs': ['.mts', '.mjs'], '.cjs': ['.cts', '.cjs'] },
  mainFields: ['main'],
};
const CONDITIONS = [
  'node',
  'module-sync',
  'node-addons',
  ...conditionsOf(process.execArgv.join(' ')),
  ...conditionsOf(process.env.NODE_OPTIONS ?? ''),
];
const IMPORT = ['import', ...CONDITIONS];
const REQUIRE = ['require', ...CONDITIONS];

const resolvers = {
  paths: new ResolverFactory({ ...TYPESCRIPT, conditionNames: [], modules: [], exportsFields: [], importsFields: [], nodePath: false }),
  import: new ResolverFactory({ ...NODE, conditionNames: IMPORT, fullySpecified: true }),
  require: new ResolverFactory({ ...NODE, conditionNames: REQUIRE }),
  importTypescript: new ResolverFactory({ ...TYPESCRIPT, conditionNames: IMPORT }),
  requireTypescript: new ResolverFactory({ ...TYPESCRIPT, conditionNames: REQUIRE }),
};

/** Forgets what was seen of folders and settings: files may have come and gone. */
export function startResolving(): void {
  for (const resolver of Object.values(resolvers)) resolver.clearCache();
}

/**
 * What a reference in `file` leads to, as the loader finds it; undefined for what is no part of the project's code:
 * flowyml, Node's own modules, folders, and addresses such as `https:`.
 */
export function resolveReference(file: string, { kind, specifier }: Reference): Target | undefined {
  if (/^flowyml(?:\/|$)/.test(specifier) || isBuiltin(specifier)) return undefined;
  if (/^[a-z][a-z0-9+.-]+:/i.test(specifier) && !specifier.startsWith('file:')) return undefined;
  if (kind === 'url' || specifier.startsWith('file:')) return byAddress(file, specifier);
  const path = kind === 'require' ? required(file, specifier) : imported(file, specifier);
  return path === undefined ? { kind: 'missing' } : target(path);
}

function imported(file: string, specifier: string): string | undefined {
  const typescript = resolvers.importTypescript;
  if (/\.[cm]?tsx?$/.test(file)) {
    const first = /^\.{1,2}\/.*\.[cm]?jsx?$/.test(specifier)
      ? typescript
      : /^\.{0,2}(?:\/|$)/.test(specifier)
        ? undefined
        : resolvers.paths;
    const path = first?.resolveFileSync(file, specifier).path;
    if (path && !/\.d\.[cm]?ts$/.test(path)) return path;
  }
  return (
    resolvers.import.resolveFileSync(file, specifier).path ??
    typescript.resolveFileSync(file, specifier).path ??
    // A project without a zod of its own takes flowyml's.
    (/^zod(?:\/|$)/.test(specifier) ? resolvers.import.sync(dirname(fileURLToPath(import.meta.url)), specifier).path : undefined)
  );
}

const required = (file: string, specifier: string) =>
  resolvers.require.resolveFileSync(file, specifier).path ?? resolvers.requireTypescript.resolveFileSync(file, specifier).path;

function byAddress(file: string, specifier: string): Target | undefined {
  const url = new URL(specifier, pathToFileURL(file));
  if (url.host) return undefined;
  const path = fileURLToPath(url);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return { kind: 'missing' };
  return stats.isFile() ? target(realpathSync(path)) : undefined;
}

const target = (file: string): Target => ({ kind: /[\\/]node_modules[\\/]/.test(file) ? 'package' : 'file', file });

/** The names given to Node as `-C name` or `--conditions=name`. */
function conditionsOf(options: string): string[] {
  return [...options.matchAll(/(?:^|\s)(?:-C|--conditions)[\s=]+(\S+)/g)].flatMap(([, name]) => name ?? []);
}
