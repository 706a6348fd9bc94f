import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const model = z.object({ learning_rate: z.number(), epochs: z.int() });

/** Its settings come from the context, by the names that it declares. */
export const train = step(
  { name: 'train', params: { learning_rate: z.number().positive(), epochs: z.int().positive() }, outputs: { model } },
  ({ learning_rate, epochs }) => ({ learning_rate, epochs }),
);

/** Its settings are in its code: to change one is to change the step. */
const trainHardcoded = step({ name: 'train', outputs: { model } }, () => {
  const learning_rate = 0.001;
  const epochs = 10;
  return { learning_rate, epochs };
});

export const training = pipeline('training', { steps: [train], context: { learning_rate: 0.001, epochs: 10 } });
export const hardcoded = pipeline('hardcoded', { steps: [trainHardcoded] });
