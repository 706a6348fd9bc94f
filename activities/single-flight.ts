import { setTimeout as wait } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { type AttemptStart, type Claim, type Database, releaseLease, renewLease } from '../metadata/index.ts';

// What others compute is often done in a moment; after that their worker's slot is worth more than the wait.
const QUICK_TRIES = 4;
const QUICK_MS = 25;
const RENEW_MS = 3000;

/** The right to compute a key, kept until it is given back. */
export interface Lease {
  /** Stops renewing; `computed` where a commit has marked the lease as done already. */
  end(computed: boolean): Promise<void>;
}

/**
 * Starts an attempt so that its result is computed once, however many runs on however many machines want it.
 * @throws ApplicationFailure of type LeaseHeld, retryable: somebody else computes it; the slot is given back meanwhile
 */
export async function startOnce(start: () => Promise<AttemptStart>): Promise<Exclude<AttemptStart, { taken: true }>> {
  for (let tries = 0; tries < QUICK_TRIES; tries++) {
    if (tries) await wait(QUICK_MS);
    const started = await start();
    if (!('taken' in started)) return started;
  }
  throw ApplicationFailure.create({
    message: 'another run computes the same just now: its result is waited for',
    type: 'LeaseHeld',
    nonRetryable: false,
    // Spread out, so that a thousand runs do not ask at once.
    nextRetryDelay: 500 + Math.round(1000 * Math.random()),
  });
}

/** Keeps the lease that came with an attempt. */
export function hold(db: Database, { key, holder }: Claim): Lease {
  const renewing = setInterval(() => void renewLease(db, key, holder).catch(() => {}), RENEW_MS);
  return {
    async end(computed) {
      clearInterval(renewing);
      if (!computed) await releaseLease(db, key, holder).catch(() => {});
    },
  };
}
