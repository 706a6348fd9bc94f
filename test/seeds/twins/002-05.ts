import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const train = step(
  { name: 'train', params: { learning_rate: z.number(), batch_size: z.int() }, outputs: { steps: z.number() } },
  ({ learning_rate, batch_size }) => batch_size / learning_rate,
);

export default pipeline('training_pipeline', {
  steps: [train],
  context: { learning_rate: 0.001, batch_size: 32 },
  cache: true,
  stack: 'local',
  executor: 'local',
  project: 'ml_project',
  version: 'v1.0.0',
  checkpointing: true,
  experimentTracking: true,
});

// @ts-expect-error: where the cache lies is the stack's matter
export const withCacheDir = () => pipeline('training_pipeline', { cache_dir: './my_cache' });
