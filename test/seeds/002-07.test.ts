import { expect, it } from 'vitest';
import { compile, formatPlan } from '../../index.ts';
import byNames, { stepB } from './twins/002-07.ts';

// Two steps whose order follows from the names of their inputs and outputs.
it('a step runs after the one that makes its input, wherever they stand', () => {
  expect(byNames.steps.map(({ name }) => name)).toEqual(['step_b', 'step_a']);
  const plan = compile(byNames, { project: 'p', stack: 'local' });
  expect(plan.steps.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
    ['step_a', []],
    ['step_b', ['step_a']],
  ]);
  expect(plan.steps[1]?.inputs).toEqual({ data: { step: 'step_a', output: 'data' } });
  expect(formatPlan(plan)).toMatch(/1\. step_a\n[\s\S]*2\. step_b \(depends on: step_a\)/);
});

it('the step adds its input up', () => expect(stepB.fn({ data: [1, 2, 3] })).toBe(6));
