import { ServiceUnavailable } from '../pipelines/errors.ts';
import type { Places } from './places.ts';
import { codeOf } from './reason.ts';

const WAIT_MS = 10 * 60_000; // the holder may be downloading a server
const POLL_MS = 50;
/** A holder killed with -9 blocks others for this long; a live one renews every second. */
const STALE_MS = 5_000;

/** Runs `work` while no other process starts or stops the services of the same project. */
export async function withLock<T>(places: Places, say: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const { default: lockfile } = await import('proper-lockfile');
  const notice = setTimeout(() => say('Another flowyml is starting or stopping the services of this project: waiting for it'), 1_000);
  const release = await lockfile
    .lock(places.home, {
      lockfilePath: places.lock,
      stale: STALE_MS,
      update: 1_000,
      retries: { retries: WAIT_MS / POLL_MS, factor: 1, minTimeout: POLL_MS, maxTimeout: POLL_MS },
      // The default throws where nobody can catch it. A lock lost in a suspended process harms nothing:
      // ports and data folders have one owner each, and the second server to come would refuse to start.
      onCompromised: () => {},
    })
    .catch((error: unknown) => {
      if (codeOf(error) !== 'ELOCKED') throw error;
      throw new ServiceUnavailable(
        `Another process has been starting or stopping the services in ${places.home} for ${WAIT_MS / 60_000} minutes. ` +
          `If no other flowyml is running, remove ${places.lock} and try again.`,
      );
    })
    .finally(() => clearTimeout(notice));
  try {
    return await work();
  } finally {
    // Fails only if the lock is gone, as after a purge.
    await release().catch(() => {});
  }
}
