import { Experiment, metrics, pipeline, step } from 'flowyml';
import { z } from 'zod';

const experiment = new Experiment('fraud-detection-v3');
const model = z.object({ auc: z.number() });

/** A curve: one value of the loss an epoch. */
const trainModel = step({ name: 'train_model', params: { epochs: z.int() }, outputs: { keras_model: model } }, ({ epochs }, run) => {
  for (let epoch = 1; epoch <= epochs; epoch++) run.metric('val_loss', 1 / epoch, { step: epoch });
  return { auc: 1 - 0.5 / epochs };
});

const evaluateModel = step(
  { name: 'evaluate_model', inputs: { keras_model: model }, outputs: { eval_metrics: metrics({ name: 'fraud_validation' }) } },
  ({ keras_model }) => keras_model,
);

/** A step that tells the experiment what neither params nor metrics of the run say. */
const registerAssets = step({ name: 'register_assets', inputs: { eval_metrics: metrics() } }, ({ eval_metrics }, run) =>
  experiment.logRun(run.runId, { metrics: { registered: eval_metrics.data.auc ?? 0 }, parameters: { model_uri: 'gs://fraud-models/v3' } }),
);

export default pipeline('fraud_training', { steps: [trainModel, evaluateModel, registerAssets] });
