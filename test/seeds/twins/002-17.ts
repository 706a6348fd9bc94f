import { pipeline, step } from 'flowyml';
import { z } from 'zod';

/** Answers a call once the outage is over; until then, and after the third call, a stored page has to do. */
const flakyStep = step(
  {
    name: 'flaky_step',
    params: { outage: z.int() },
    outputs: { page: z.string() },
    retry: { maxAttempts: 3, backoff: 2.0, initialInterval: '300 ms' },
    onFailure: ({ name, message }, { outage }) => `stored page, for in an outage of ${outage}: ${name}, ${message}`,
  },
  ({ outage }, run) => {
    if (run.attempt <= outage) throw new Error(`no answer to call ${run.attempt}`);
    return `page of call ${run.attempt}`;
  },
);

const read = step({ name: 'read', inputs: { page: z.string() }, outputs: { text: z.string() } }, ({ page }) => page.toUpperCase());

export default pipeline('fetching', { steps: [flakyStep, read] });
