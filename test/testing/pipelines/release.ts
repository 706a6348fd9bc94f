import { approval, pipeline, step } from 'flowyml';
import { z } from 'zod';

const train = step({ name: 'train', outputs: { model: z.number() } }, () => 7);
const review = approval({ name: 'review', after: [train], message: 'Ship it?', timeout: '7 days', onTimeout: 'approve' });
const ship = step({ name: 'ship', inputs: { model: z.number() }, after: [review], outputs: { shipped: z.number() } }, ({ model }) => model);

/** Waits a week for a person. */
export const release = pipeline('release', { steps: [train, review, ship] });

const flaky = step(
  { name: 'flaky', outputs: { attempt: z.number() }, retry: { maxAttempts: 4, backoff: 'fixed', initialInterval: '1 day' } },
  (_, run) => {
    if (run.attempt < 3) throw new Error('the service is away');
    return run.attempt;
  },
);
/** Tries again each day. */
export const patient = pipeline('patient', { steps: [flaky] });
