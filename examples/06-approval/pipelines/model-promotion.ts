import { approval, pipeline, step } from 'flowyml';
import { z } from 'zod';

const candidate = z.object({ version: z.string(), auc: z.number() });

export const train = step(
  {
    name: 'train',
    params: { version: z.string().default('v7') },
    outputs: { candidate },
  },
  ({ version }) => ({ version, auc: 0.834 }),
);

export const review = approval({
  name: 'review',
  after: [train],
  message: 'Promote the candidate to production? Look at its AUC first: it must be above 0.8.',
  timeout: '7 days',
  onTimeout: 'reject',
});

export const promote = step(
  {
    name: 'promote',
    inputs: { candidate },
    after: [review],
    outputs: { promoted: z.string() },
  },
  ({ candidate }) => `fraud-detector ${candidate.version} is in production`,
);

export default pipeline('model_promotion', {
  description: 'A run that waits for a person, for days if need be.',
  steps: [train, review, promote],
});
