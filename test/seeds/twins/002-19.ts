import { pipeline, step } from 'flowyml';
import { z } from 'zod';

/** What not to do: where the data lies depends on the machine, and nothing in the plan says so. */
export const loadByEnvironment = step({ name: 'load_data', outputs: { data: z.string() } }, () =>
  process.env.ENV === 'production' ? 'gs://bucket/data.csv' : './local_data.csv',
);

/** What to do: the place is a param, and the context says which. */
export const load = step(
  { name: 'load_data', params: { data_path: z.string() }, outputs: { data: z.string() } },
  ({ data_path }) => data_path,
);

export const tangled = pipeline('tangled', { steps: [loadByEnvironment] });
export const plain = pipeline('plain', { steps: [load], context: { data_path: './local_data.csv' } });
