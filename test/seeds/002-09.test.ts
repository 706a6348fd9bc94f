import { expect, it } from 'vitest';
import { printed, projectWith, runJson } from './support.ts';

// Overrides for one run: a context value, the stack, debugging.
it('a param holds for its run only; a stack is one that is there', async () => {
  const project = await projectWith('002-09.ts', '002-09-run.ts');
  const { used, refused } = JSON.parse(await printed(project, '002-09-run.ts'));
  expect(used).toEqual([0.05, 0.001]);
  expect(refused).toMatch(/^\w+: .*stack 'my_production_stack' .*local/);
});

it('with --debug one step runs at a time', async () => {
  const project = await projectWith('002-09.ts');
  const { code, result } = await runJson(project, '002-09.ts#pair', '--debug');
  expect(code).toBe(0);
  const spans = ['left', 'right'].map((side) => result.steps[side]?.outputs[`${side}_span`]?.value as [number, number]);
  const [first, second] = spans.sort(([a], [b]) => a - b);
  expect(second?.[0]).toBeGreaterThanOrEqual(first?.[1] ?? Number.NaN);
});
