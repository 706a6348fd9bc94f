import { pipeline, run, step } from 'flowyml';
import { z } from 'zod';

const data = z.array(z.number());
export const loadData = step({ name: 'load_data', outputs: { data } }, () => [1, 2, 3, 4]);
export const preprocess = step({ name: 'preprocess', inputs: { data }, outputs: { features: data } }, ({ data }) => data.map((n) => n / 4));
export const trainModel = step({ name: 'train_model', inputs: { features: data }, outputs: { model: z.number() } }, ({ features }) =>
  Math.max(...features),
);
export const evaluate = step(
  { name: 'evaluate', inputs: { model: z.number(), features: data }, outputs: { error: z.number() } },
  ({ model, features }) => features.reduce((sum, n) => sum + Math.abs(n - model), 0),
);

export const listed = pipeline('ml_workflow', { steps: [loadData, preprocess, trainModel, evaluate] });
export const chained = pipeline('ml_workflow').add(loadData).add(preprocess).add(trainModel).add(evaluate);
export const backwards = pipeline('ml_workflow').add(evaluate).add(trainModel).add(preprocess).add(loadData);

/** A chain that lacks a producer may be made, for it may go on; it cannot be run. */
export const half = pipeline('ml_workflow').add(loadData).add(trainModel);
// @ts-expect-error: no step produces 'features'
export const runHalf = () => run(half);
