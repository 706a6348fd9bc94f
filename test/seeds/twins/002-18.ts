import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const steps = [
  step(
    { name: 'train', params: { data_path: z.string(), batch_size: z.int() }, outputs: { trained_on: z.string() } },
    ({ data_path, batch_size }) => `${batch_size} rows at a time of ${data_path}`,
  ),
] as const;

export const development = { data_path: './local_data.csv', batch_size: 32 };
export const production = { data_path: 'gs://bucket/data.csv', batch_size: 512 };

/** The pipeline with another context, and nothing else about it different. */
export const training = (context: typeof development) => pipeline('ml_training', { steps, context });

export default training(development);
