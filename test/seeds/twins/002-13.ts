import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const data = z.array(z.number());
const loadData = step({ name: 'load_data', outputs: { data } }, () => [1, 2, 3, 4]);
const preprocess = step({ name: 'preprocess', inputs: { data }, outputs: { features: data } }, ({ data }) => data.map((n) => n / 4));
const trainModel = step({ name: 'train_model', inputs: { features: data }, outputs: { model: z.number() } }, ({ features }) =>
  Math.max(...features),
);
const evaluate = step({ name: 'evaluate', inputs: { model: z.number() }, outputs: { score: z.number() } }, ({ model }) => 1 - model);

export default pipeline('ml_workflow', { steps: [evaluate, trainModel, preprocess, loadData] });
