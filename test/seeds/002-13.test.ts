import { expect, it } from 'vitest';
import { compile, formatPlan } from '../../index.ts';
import { projectWith } from './support.ts';
import workflow from './twins/002-13.ts';

// The DAG as text: the order of four steps, and what each depends on.
it('flowyml plan lists the steps in order with what they depend on', async () => {
  const project = await projectWith('002-13.ts');
  const { code, stdout } = await project.flowyml('plan', '002-13.ts');
  expect(code).toBe(0);
  expect(stdout).toContain('Step execution order:');
  expect(stdout.match(/^ *\d\. .*$/gm)?.map((line) => line.trim())).toEqual([
    '1. load_data',
    '2. preprocess (depends on: load_data)',
    '3. train_model (depends on: preprocess)',
    '4. evaluate (depends on: train_model)',
  ]);
});

it('formatPlan gives the same to a program', () => {
  expect(formatPlan(compile(workflow, { project: 'p', stack: 'local' }))).toMatch(/^ *4\. evaluate \(depends on: train_model\)$/m);
});
