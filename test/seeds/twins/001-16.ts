import { AWSStack, GCPStack, pipeline, step } from 'flowyml';
import { z } from 'zod';

const trainStack = new GCPStack({
  name: 'gcp-train',
  executor: 'local',
  artifactStore: { type: 'gcs', bucket: 'artifacts', endpoint: '${GCS_ENDPOINT}' },
});
const inferenceStack = new AWSStack({
  name: 'aws-inference',
  artifactStore: { type: 's3', bucket: 'artifacts', region: 'us-east-1', endpoint: '${S3_ENDPOINT}', forcePathStyle: true },
});

const numbers = z.array(z.number());
const train = step({ name: 'train', outputs: { weights: numbers } }, () => Array.from({ length: 3000 }, (_, i) => i));
const predict = step({ name: 'predict', outputs: { predictions: numbers } }, () => Array.from({ length: 3000 }, (_, i) => 2 * i));

export const trainingPipeline = pipeline('training', { steps: [train], stack: trainStack });
export const inferencePipeline = pipeline('inference', { steps: [predict], stack: inferenceStack });
