import { expect, it } from 'vitest';
import { compile, GCPStack, pipeline, step } from '../../index.ts';

it('a pipeline brings its stack along', () => {
  const stack = new GCPStack({ name: 'production', projectId: 'p', region: 'us-central1', bucketName: 'my-artifacts' });
  const plan = compile(pipeline('my_pipeline', { steps: [step({ name: 'load' }, () => 1)], stack }), {
    project: 'p',
    stack: 'local',
    stacks: {},
  });
  expect(plan.stack).toBe('production');
  expect(plan.stacks?.production).toEqual(stack.toJSON());
});
