import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it, onTestFinished } from 'vitest';
import { AWSStack, UsageError } from '../../index.ts';
import { lacks, S3_ROOT, startS3 } from '../support/store-servers.ts';
import { printed, projectWith } from './support.ts';

it('a stack on AWS, by the fields of the guide', () => {
  const stack = new AWSStack({
    name: 'aws-prod',
    region: 'us-east-1',
    s3Bucket: 'my-artifacts',
    ecrRegistry: '123456789.dkr.ecr.us-east-1.amazonaws.com',
  });
  expect(stack.toJSON()).toMatchObject({
    artifactStore: { type: 's3', bucket: 'my-artifacts', region: 'us-east-1' },
    containerRegistry: { type: 'ecr', uri: '123456789.dkr.ecr.us-east-1.amazonaws.com' },
  });
  // Its own compute is refused, with what is possible instead.
  const batch = { name: 'aws-prod', executor: 'aws_batch' } as object as ConstructorParameters<typeof AWSStack>[0];
  expect(() => new AWSStack(batch)).toThrow(UsageError);
  expect(() => new AWSStack(batch)).toThrow(/starts no AWS Batch jobs: start 'flowyml worker --group G'/);
});

it.skipIf(lacks('versitygw'))('its steps run on workers, its artifacts lie in S3', async () => {
  const server = await startS3();
  onTestFinished(() => server.stop());
  const client = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: S3_ROOT });
  await client.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
  const project = await projectWith('001-04.ts');
  const { accessKeyId, secretAccessKey } = S3_ROOT;
  Object.assign(project.env, { S3_ENDPOINT: server.endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
  const [stack, result] = JSON.parse(await printed(project, '001-04.ts'));
  expect(stack.artifactStore.endpoint).toBe('${S3_ENDPOINT}');
  expect(result).toMatchObject({ status: 'succeeded', stack: 'aws-prod' });
  expect(result.steps.load.outputs.data.uri).toMatch(/^s3:\/\/artifacts\/sha256\//);
});
