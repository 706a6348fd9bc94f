import { setTimeout as wait } from 'node:timers/promises';
import { isDatabaseAway } from '../metadata/index.ts';

const PAUSE_MS = 500;

/** Repeats a write while the database is away. Other errors end it, and so does an abort. */
export async function untilWritten<T>(signal: AbortSignal | undefined, write: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isDatabaseAway(error) || signal?.aborted) throw error;
      await wait(PAUSE_MS);
    }
  }
}
