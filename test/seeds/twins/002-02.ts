import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const data = z.array(z.number());
const rate = z.number();
/** Notes the run that made it: what comes from the cache names an earlier one. */
const parts = z.object({ training: data, testing: data, made_in: z.string() });
const model = z.object({ weight: z.number(), split_in: z.string() });

const divide = (values: number[], made_in: string) => ({ training: values.slice(0, 4), testing: values.slice(4), made_in });
const fit = ({ training, made_in }: z.infer<typeof parts>, rate: number) => ({
  weight: rate * training.reduce((sum, n) => sum + n, 0),
  split_in: made_in,
});

const load = step({ name: 'load', outputs: { data } }, () => [1, 2, 3, 4, 5]);

const splitData = step({ name: 'split_data', inputs: { data }, outputs: { split_data: parts } }, ({ data }, run) =>
  divide(data, run.runId),
);
const trainModel = step(
  { name: 'train_model', inputs: { split_data: parts }, params: { rate }, outputs: { model } },
  ({ split_data, rate }) => fit(split_data, rate),
);

/** What not to do: to train anew is to split anew. */
const splitAndTrain = step(
  { name: 'split_and_train', inputs: { data }, params: { rate }, outputs: { other_model: model } },
  ({ data, rate }, run) => fit(divide(data, run.runId), rate),
);

export default pipeline('both_ways', { steps: [load, splitData, trainModel, splitAndTrain] });
