import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import { UsageError } from '../../pipelines/errors.ts';

/** The npm packages of an image. */
export interface NodePackages {
  /** Files that `npm ci` needs beside package.json and package-lock.json: packages kept in the project, npm's settings. */
  files: string[];
  /** Variables of the environment that npm's settings name; docker.build_args give them. */
  variables: string[];
  notes: string[];
}

interface Lock {
  packages?: Record<string, { resolved?: string; link?: boolean }>;
}

const FOREIGN = { 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'Yarn', 'bun.lock': 'Bun' };
const SECRET = /^.*(?:_authToken|_auth|_password)\s*=\s*(?!\s*\$\{).+$/m;

/**
 * What npm will install; undefined for a folder without package.json.
 * @param folder the build context
 * @throws UsageError for a package.json without npm's lock file, for packages outside the folder, and for secrets in .npmrc
 */
export function nodePackages(folder: string): NodePackages | undefined {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  const manifest = readJson<{ dependencies?: Record<string, string>; devDependencies?: Record<string, string> }>(file);
  const lock = join(folder, 'package-lock.json');
  if (!existsSync(lock)) throw new UsageError(`${lock} is missing, which says what to install. ${remedy(folder)}`);
  const isThere = manifest.dependencies?.flowyml !== undefined;
  const where =
    manifest.devDependencies?.flowyml === undefined ? 'has no dependency flowyml' : 'has flowyml among its devDependencies only';
  const settings = npmrc(folder);
  return {
    files: [...localPackages(readJson<Lock>(lock), lock), ...settings.files],
    variables: settings.variables,
    notes: isThere ? [] : [`${file} ${where}: steps cannot run in this image. Add it with 'npm install flowyml'`],
  };
}

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    throw new UsageError(`${file}: not valid JSON: ${(error as Error).message}`, { cause: error });
  }
}

function remedy(folder: string): string {
  const other = Object.entries(FOREIGN).find(([name]) => existsSync(join(folder, name)));
  if (other) return `Generated images install with npm; for ${other[1]} write a Dockerfile`;
  return "Make it with 'npm install --package-lock-only'";
}

/** `npm ci` reads packages that the lock file finds by path. */
function localPackages(lock: Lock, file: string): string[] {
  const paths = Object.values(lock.packages ?? {}).flatMap(({ resolved, link }) => {
    if (!resolved) return [];
    if (resolved.startsWith('file:')) return [resolved.slice('file:'.length)];
    return link ? [resolved] : [];
  });
  const outside = paths.find((path) => isAbsolute(path) || normalize(path).startsWith('..'));
  if (outside !== undefined) {
    throw new UsageError(
      `${file}: the package at ${outside} lies outside the build context: put it below the project, or set docker.build_context`,
    );
  }
  return [...new Set(paths.map((path) => normalize(path)))].sort();
}

function npmrc(folder: string): { files: string[]; variables: string[] } {
  const file = join(folder, '.npmrc');
  if (!existsSync(file)) return { files: [], variables: [] };
  const text = readFileSync(file, 'utf8');
  if (SECRET.test(text)) {
    throw new UsageError(
      `${file} holds a secret, which would become part of the image: write it as \${NAME} and give NAME by docker.build_args; of those only the stage that installs packages knows`,
    );
  }
  return { files: ['.npmrc'], variables: [...new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name))] };
}
