import { setTimeout } from 'node:timers/promises';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const data = z.array(z.object({ target: z.number().nullable() }));

const loadData = step({ name: 'load_data', params: { rows: z.int() }, outputs: { data } }, ({ rows }) =>
  Array.from({ length: rows }, (_, i) => ({ target: i })),
);

/** Declares no output: what it returns, the time, is kept as its result. */
export const validateData = step({ name: 'validate_data', inputs: { data } }, async ({ data }) => {
  if (data.length < 100) throw new RangeError(`${data.length} rows are too few`);
  if (data.some(({ target }) => target === null)) throw new TypeError('targets are missing');
  await setTimeout(300);
  return Date.now();
});

/** Takes nothing from the validation; `after` is what makes it wait. */
const trainModel = step(
  { name: 'train_model', inputs: { data }, after: [validateData], outputs: { rows: z.number(), begun: z.number() } },
  ({ data }) => ({ rows: data.length, begun: Date.now() }),
);

export default pipeline('gated', { steps: [trainModel, validateData, loadData] });
