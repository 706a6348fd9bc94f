import { CommanderError } from 'commander';
import { FlowymlError, ServiceUnavailable } from '../pipelines/errors.ts';

/** Exit codes of the command: a run that failed, and a call that could not be understood. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Says on stderr what went wrong, in one message, and gives the exit code. Errors of flowyml are written for people;
 * anything else is a mistake of ours, whose stack is shown on demand.
 */
export async function fail(thrown: unknown): Promise<number> {
  // Commander has said it already; help and version end with 0.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const error = thrown instanceof FlowymlError ? thrown : ((await outageOf(thrown)) ?? thrown);
  console.error(`flowyml: ${error instanceof Error ? error.message : String(error)}`);
  const known = error instanceof FlowymlError;
  if (process.env.FLOWYML_DEBUG) console.error(thrown);
  else if (!known) console.error("This should not have happened: run it again with FLOWYML_DEBUG=1 for the place in flowyml's code.");
  return known && ['USAGE', 'PLAN'].includes(error.code) ? EXIT.usage : EXIT.failed;
}

/** A server that went away in the middle of a command is not a mistake of ours. */
async function outageOf(thrown: unknown): Promise<FlowymlError | undefined> {
  const { outage } = await import('../client/outage.ts');
  const away = outage(thrown);
  return (
    away &&
    new ServiceUnavailable(`${away.message} any more: see 'flowyml status'; 'flowyml up' starts what has stopped`, { cause: thrown })
  );
}
