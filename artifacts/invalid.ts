import { OutputInvalid } from '../pipelines/errors.ts';

/** What a step returned does not fit its declaration. `where` names the place inside the output; empty for the whole. */
export function outputInvalid(output: string, where: string, problem: string, cause?: unknown): OutputInvalid {
  const place = where ? `at ${where}: ` : '';
  return new OutputInvalid(`output '${output}': ${place}${problem}`, cause === undefined ? undefined : { cause });
}
