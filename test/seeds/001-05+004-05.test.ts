import { expect, it } from 'vitest';
import { KubernetesStack } from '../../index.ts';

it('a stack on Kubernetes, by the fields of the guide; to start pods is refused with what is possible', () => {
  const stack = new KubernetesStack({ name: 'k8s-cluster', namespace: 'flowyml', storageClass: 'standard' });
  expect(stack.toJSON()).toMatchObject({ name: 'k8s-cluster', type: 'kubernetes', namespace: 'flowyml', storageClass: 'standard' });
  expect(() => new KubernetesStack({ name: 'k8s-cluster', executor: 'kubernetes' as never })).toThrow(
    "run 'flowyml worker --group G' in a Deployment",
  );
});
