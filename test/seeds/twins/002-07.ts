import { pipeline, step } from 'flowyml';
import { z } from 'zod';

export const stepA = step({ name: 'step_a', outputs: { data: z.array(z.number()) } }, () => [1, 2, 3]);

export const stepB = step({ name: 'step_b', inputs: { data: z.array(z.number()) }, outputs: { result: z.number() } }, ({ data }) =>
  data.reduce((sum, n) => sum + n, 0),
);

/** The step that needs the other one stands first. */
export default pipeline('by_names', { steps: [stepB, stepA] });
