import { expect, it } from 'vitest';
import { compile, GCPStack, LocalStack, pipeline, step } from '../../index.ts';

// Where jobs run: the run's word, else the stack's, else this machine. Temporal orchestrates in each case.
it.each([
  ['the stack says', undefined, 'vertex_ai'],
  ['the run says otherwise', 'temporal', 'local'],
])('%s', (_, orchestrator, executor) => {
  const stack = new GCPStack({ name: 'gcp-production', projectId: 'p', region: 'r', bucketName: 'b' });
  const made = pipeline('my_pipeline', { steps: [step({ name: 'train' }, () => 1)], stack });
  const plan = compile(made, { project: 'p', stack: 'local', stacks: {}, run: { ...(orchestrator ? { orchestrator } : {}) } });
  expect(plan.steps[0]?.executor).toBe(executor);
});

it('nobody says: the active stack, which is local', () => {
  const made = pipeline('my_pipeline', { steps: [step({ name: 'train' }, () => 1)] });
  const target = { project: 'p', stack: 'local', stacks: { local: new LocalStack().toJSON() } };
  expect(compile(made, target).steps[0]?.executor).toBe('local');
  const cloud = new GCPStack({ name: 'gcp-production', projectId: 'p', region: 'r', bucketName: 'b' }).toJSON();
  expect(compile(made, { ...target, stack: 'gcp-production', stacks: { 'gcp-production': cloud } }).steps[0]?.executor).toBe('vertex_ai');
});
