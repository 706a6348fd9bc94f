import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const flakyStep = step(
  { name: 'flaky_step', outputs: { page: z.string() }, retry: { maxAttempts: 3, backoff: 2.0, initialInterval: '300 ms' } },
  (_, run) => {
    throw new Error(`no answer to call ${run.attempt}`);
  },
);

export default pipeline('fetching', { steps: [flakyStep] });
