import { CommanderError } from 'commander';
import { FlowymlError } from '../pipelines/errors.ts';

/** Exit codes of the command: a run that failed, and a call that could not be understood. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Says on stderr what went wrong, in one message, and gives the exit code. Errors of flowyml are written for people;
 * anything else is a mistake of ours, whose stack is shown on demand.
 */
export function fail(error: unknown): number {
  // Commander has said it already; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  console.error(`flowyml: ${message}`);
  const known = error instanceof FlowymlError;
  if (process.env.FLOWYML_DEBUG) console.error(stack);
  else if (!known) console.error("This should not have happened: run it again with FLOWYML_DEBUG=1 for the place in flowyml's code.");
  return known && ['USAGE', 'PLAN'].includes(error.code) ? EXIT.usage : EXIT.failed;
}
