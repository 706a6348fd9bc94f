import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { Storage } from '@google-cloud/storage';
import { expect, it, onTestFinished } from 'vitest';
import { lacks, S3_ROOT, startGcs, startS3 } from '../support/store-servers.ts';
import { printed, projectWith } from './support.ts';

// Training on one cloud and inference on another, in one program.
it.skipIf(lacks('versitygw') || lacks('fake-gcs-server'))('two pipelines on two clouds', async () => {
  const [gcs, s3] = await Promise.all([startGcs(), startS3()]);
  onTestFinished(async () => {
    await Promise.all([gcs.stop(), s3.stop()]);
  });
  await new Storage({ apiEndpoint: gcs.endpoint, projectId: 'test' }).createBucket('artifacts');
  const client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: S3_ROOT });
  await client.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
  const project = await projectWith('001-16.ts', '001-16-run.ts');
  const { accessKeyId, secretAccessKey } = S3_ROOT;
  Object.assign(project.env, {
    GCS_ENDPOINT: gcs.endpoint,
    S3_ENDPOINT: s3.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  });
  const [training, inference] = JSON.parse(await printed(project, '001-16-run.ts'));
  expect(training).toMatchObject({ status: 'succeeded', stack: 'gcp-train' });
  expect(training.steps.train.outputs.weights.uri).toMatch(/^gs:\/\/artifacts\//);
  expect(inference).toMatchObject({ status: 'succeeded', stack: 'aws-inference' });
  expect(inference.steps.predict.outputs.predictions.uri).toMatch(/^s3:\/\/artifacts\//);
});
