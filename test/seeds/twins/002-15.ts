import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const data = z.object({ quality: z.number() });

const load = step({ name: 'load', params: { quality: z.number() }, outputs: { data } }, ({ quality }) => ({ quality }));

/** What the condition needs besides the data changes nothing about the model, so the cache may leave it out. */
const train = step(
  {
    name: 'train',
    inputs: { data },
    params: { least: z.number() },
    outputs: { model: z.string() },
    when: ({ data }, { least }) => data.quality > least,
    cache: { ignore: ['least'] },
  },
  ({ data }) => `trained on ${data.quality}`,
);

const deploy = step({ name: 'deploy', inputs: { model: z.string() }, outputs: { served: z.string() } }, ({ model }) => `${model}, served`);

export default pipeline('conditional', { steps: [deploy, train, load] });

export const misspelt = () =>
  // @ts-expect-error: a condition sees the step's inputs, with their types
  step({ name: 'train', inputs: { data }, when: ({ data }) => data.qualty > 0.9 }, () => {});
