import type { StepFailure } from '../../activities/step-runner.ts';
import { milliseconds } from '../../pipelines/duration.ts';
import { FlowymlError } from '../../pipelines/errors.ts';

/** Where frames stop being of interest to the author of a step. */
const OURS = /[\\/](?:workers[\\/]child|pipelines)[\\/]|node:internal|[\\/]node_modules[\\/](?:workerpool|flowyml)[\\/]/;

/**
 * An error as the worker needs it: its name, its message, the frames of the user's own code, and whether trying again
 * can help. Errors of flowyml are known by their `code`: they may come from another copy of it.
 */
export function describeFailure(error: unknown): StepFailure {
  if (!(error instanceof Error))
    return { type: 'Error', message: `it threw ${text(error)}, which is no Error`, final: false, counted: true };
  const facts = error as Error & { code?: unknown; retryable?: unknown; retryAfter?: number | string };
  const causes = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : '';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !OURS.test(line));
  return {
    type: error.name || 'Error',
    message: cut(error.message) || '(no message)',
    stack: `${error.name}: ${error.message}${frames.length ? `\n${frames.join('\n')}` : ''}${causes}`,
    final: facts.code === 'NON_RETRYABLE' || (error instanceof FlowymlError && !error.retryable),
    // A store or a service that is away is not the step's fault.
    counted: facts.code !== 'SERVICE_UNAVAILABLE',
    ...(facts.code === 'ARTIFACT_CORRUPT' ? corrupt(error.message) : {}),
    ...(facts.retryAfter === undefined ? {} : { retryAfterMs: delay(facts.retryAfter) }),
  };
}

/** Every message about a corrupt artifact names its hash. The step itself is not at fault. */
function corrupt(message: string): Pick<StepFailure, 'artifact' | 'counted'> {
  const [artifact] = /[0-9a-f]{64}/.exec(message) ?? [];
  return artifact === undefined ? { counted: true } : { artifact, counted: false };
}

// A message goes through Temporal and into a row: it is for reading, and megabytes are not.
const LONGEST = 10_000;
const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

function delay(value: number | string): number {
  try {
    return milliseconds(value, 'retryAfter');
  } catch {
    return 0;
  }
}

function text(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
