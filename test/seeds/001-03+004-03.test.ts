import { expect, it } from 'vitest';
import { GCPStack } from '../../index.ts';

it('a stack on Google Cloud, by the fields of the guide', () => {
  const stack = new GCPStack({
    name: 'production',
    projectId: 'my-gcp-project',
    region: 'us-central1',
    bucketName: 'my-artifacts',
    registryUri: 'gcr.io/my-project',
  });
  expect(stack).toMatchObject({ projectId: 'my-gcp-project', bucketName: 'my-artifacts', registryUri: 'gcr.io/my-project' });
  expect(stack.toJSON()).toEqual({
    name: 'production',
    type: 'gcp',
    projectId: 'my-gcp-project',
    region: 'us-central1',
    artifactStore: { type: 'gcs', bucket: 'my-artifacts', projectId: 'my-gcp-project' },
    containerRegistry: { type: 'gcr', uri: 'gcr.io/my-project' },
    orchestrator: { type: 'vertex_ai' },
  });
});
