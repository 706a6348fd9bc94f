import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { fillCache, temporalCache } from './cache.ts';

/** In a process of its own: the SDK allows one Runtime a process, and the worker will want to set its own. */
const SCRIPT = `
import { createRequire } from 'node:module';
const [module, downloadDir] = process.argv.slice(1);
const { TestWorkflowEnvironment } = createRequire(module)(module);
try {
  const server = { executable: { type: 'cached-download', downloadDir } };
  await (await TestWorkflowEnvironment.createLocal({ server })).teardown();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
process.exit(0);
`;

/** Lets the Temporal SDK download its server (from temporal.download) into the user's cache. */
export async function downloadWithSdk(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string> {
  say('Downloading the Temporal server with the Temporal SDK (150 MB, once for each user of this machine)');
  const module = createRequire(import.meta.url).resolve('@temporalio/testing');
  return fillCache(temporalCache(env).sdk, async (folder) => {
    const download = await mkdtemp(join(folder, 'download-'));
    await runCommand(process.execPath, ['--input-type=module', '-e', SCRIPT, module, download], { env, timeoutMs: 5 * 60_000 });
    const [file] = await readdir(download);
    if (!file) throw new Error('the SDK left no program');
    await mkdir(join(folder, 'bin'));
    await rename(join(download, file), join(folder, 'bin', 'temporal'));
    await chmod(join(folder, 'bin', 'temporal'), 0o755);
    await rm(download, { recursive: true });
  });
}
