import { expect, it } from 'vitest';
import { AWSStack, GCPStack, LocalStack, StackRegistry } from '../../index.ts';

it('stacks are registered, listed, switched and refused', () => {
  const registry = new StackRegistry();
  const localStack = new LocalStack();
  const gcpStack = new GCPStack({ name: 'gcp-prod', projectId: 'my-gcp-project', region: 'us-central1', bucketName: 'my-artifacts' });
  const awsStack = new AWSStack({ name: 'aws-prod', region: 'us-east-1', s3Bucket: 'my-artifacts' });
  registry.registerStack(localStack);
  registry.registerStack(gcpStack);
  registry.registerStack(awsStack);
  expect(registry.listStacks()).toEqual(['local', 'gcp-prod', 'aws-prod']);
  registry.setActiveStack('local');
  expect(registry.getActiveStack()).toBe(localStack);
  registry.setActiveStack('gcp-prod');
  expect(registry.getActiveStack()).toBe(gcpStack);
  expect(() => registry.setActiveStack('gcp-dev')).toThrow("no stack is registered as 'gcp-dev'");
});
