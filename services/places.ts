import { accessSync, constants, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../pipelines/errors.ts';
import { reasonOf } from './reason.ts';

/** Where a project's services keep their things. */
export interface Places {
  home: string;
  state: string;
  lock: string;
  workers: string;
  temporalDb: string;
  temporalLog: string;
  postgresDir: string;
  postgresLog: string;
}

/** The places of the project in `root`. Paths are real ones, so that a running server is known again by its command line. */
export function placesOf(root: string, postgresDir?: string): Places {
  const home = realPath(join(root, '.flowyml'));
  return {
    home,
    state: join(home, 'services.json'),
    lock: join(home, 'services.lock'),
    workers: join(home, 'workers'),
    temporalDb: join(home, 'temporal.db'),
    temporalLog: join(home, 'logs', 'temporal.log'),
    postgresDir: postgresDir === undefined ? join(home, 'postgres') : realPath(resolve(root, postgresDir)),
    postgresLog: join(home, 'logs', 'postgres.log'),
  };
}

/** Makes `.flowyml/`, unseen by git. */
export function makeHome(places: Places): void {
  const root = dirname(places.home);
  if (!existsSync(root)) throw new UsageError(`The project's folder ${root} does not exist: create it, or run flowyml in another folder.`);
  try {
    mkdirSync(join(places.home, 'logs'), { recursive: true });
    const ignore = join(places.home, '.gitignore');
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
    accessSync(places.home, constants.W_OK);
  } catch (error) {
    throw new UsageError(
      `flowyml cannot write to ${places.home} (${reasonOf(error)}): give this user the right to write there, or run in another folder.`,
      { cause: error },
    );
  }
}

/** The real path of what need not exist yet: symbolic links are resolved as far as there is something. */
function realPath(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    const parent = dirname(whole);
    return parent === whole ? whole : join(realPath(parent), basename(whole));
  }
}
