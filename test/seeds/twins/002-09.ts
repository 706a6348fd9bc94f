import { setTimeout } from 'node:timers/promises';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const train = step(
  { name: 'train', params: { learning_rate: z.number() }, outputs: { trained_with: z.number() } },
  ({ learning_rate }) => learning_rate,
);

export const training = pipeline('training', { steps: [train], context: { learning_rate: 0.001 } });

const span = z.tuple([z.number(), z.number()]);
const nap = async (): Promise<[number, number]> => {
  const start = Date.now();
  await setTimeout(500);
  return [start, Date.now()];
};

/** Two steps that could run at the same time. */
export const pair = pipeline('pair', {
  steps: [step({ name: 'left', outputs: { left_span: span } }, nap), step({ name: 'right', outputs: { right_span: span } }, nap)],
});
