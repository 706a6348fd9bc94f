import { createInterface } from 'node:readline/promises';
import prettyMilliseconds from 'pretty-ms';
import { cacheNames } from '../../metadata/cache-admin.ts';
import type { Database } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';

/** Enough of a hash to tell it from others. */
export const shortHash = (hash: string): string => hash.slice(0, 12);

/** `3m ago`, `just now`. */
export function ago(at: string | Date): string {
  const ms = Date.now() - new Date(at).getTime();
  return ms < 1000 ? 'just now' : `${prettyMilliseconds(ms, { compact: true })} ago`;
}

/** `in 3h`, `expired`, or `never`. */
export function expiry(at: Date | null): string {
  if (!at) return 'never';
  const ms = at.getTime() - Date.now();
  return ms <= 0 ? 'expired' : `in ${prettyMilliseconds(ms, { compact: true })}`;
}

/** `1 entry`, `3 entries`. */
export const entries = (count: number): string => `${count.toLocaleString('en-US')} ${count === 1 ? 'entry' : 'entries'}`;

/**
 * Names that a filter gave must be those of some pipeline or step.
 * @throws UsageError, with the nearest
 */
export async function checkNames(db: Database, { pipeline, step }: { pipeline?: string; step?: string }): Promise<void> {
  const known = await cacheNames(db);
  if (pipeline !== undefined && !known.pipelines.includes(pipeline))
    throw new UsageError(`--pipeline ${pipeline}: no run of such a pipeline is known${hint(pipeline, known.pipelines)}`);
  if (step !== undefined && !known.steps.includes(step))
    throw new UsageError(`--step ${step}: no step of that name is known${hint(step, known.steps)}`);
}

/**
 * Asks on a terminal whether to go on.
 * @throws UsageError where nobody can be asked
 */
export async function confirm(question: string, command: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UsageError(`nothing was removed: say so with ${command} --yes`);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}
