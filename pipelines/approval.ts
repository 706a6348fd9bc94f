import type { Duration } from './duration.ts';
import { type AnyStep, brand, type Step } from './step.ts';

export interface ApprovalDefinition<N extends string> {
  name: N;
  description?: string;
  /** Steps that must have ended well before anybody is asked. */
  after?: readonly (string | AnyStep)[];
  /** What is asked. */
  message?: string;
  /** How long the run waits; for ever unless given. */
  timeout?: Duration;
  /** What a wait that is over means; the run fails unless said otherwise. */
  onTimeout?: 'fail' | 'approve' | 'reject';
}

/**
 * A step that waits until a person approves it, however long that takes: through restarts and deployments. What comes
 * `after` it runs once it is approved; a rejection fails the run.
 *
 * @example
 * const review = approval({ name: 'review', after: [evaluate], message: 'Ship it?', timeout: '7 days' });
 * const deploy = step({ name: 'deploy', after: [review] }, () => …);
 */
// biome-ignore lint/complexity/noBannedTypes: `{}` is the record with no keys: an approval takes and gives nothing
export function approval<const N extends string>(definition: ApprovalDefinition<N>): Step<N, {}, {}, {}> {
  const { name, description, after, message, timeout, onTimeout = 'fail' } = definition;
  return brand({
    name,
    inputs: {},
    outputs: {},
    params: {},
    ...(description === undefined ? {} : { description }),
    ...(after === undefined ? {} : { after }),
    approval: { onTimeout, ...(message === undefined ? {} : { message }), ...(timeout === undefined ? {} : { timeout }) },
    fn: () => {
      throw new Error(`'${name}' is an approval: a person decides it, nothing is called`);
    },
  });
}
