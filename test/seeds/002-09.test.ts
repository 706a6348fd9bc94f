import { expect, it } from 'vitest';
import { printed, projectWith, runJson } from './support.ts';

const inTurn = (spans: [number, number][]) => {
  const [first, second] = spans.sort(([a], [b]) => a - b);
  expect(second?.[0]).toBeGreaterThanOrEqual(first?.[1] ?? Number.NaN);
};

// Overrides for one run: a context value, the stack, debugging.
it('a param holds for its run only; a stack is one that is there; debug means one step at a time', async () => {
  const project = await projectWith('002-09.ts', '002-09-run.ts');
  const { used, refused, stack, spans } = JSON.parse(await printed(project, '002-09-run.ts'));
  expect(used).toEqual([0.05, 0.001]);
  expect(refused).toMatch(/^\w+: .*no stack is named 'my_production_stack'.*local/);
  expect(stack).toBe('my_production_stack');
  inTurn(spans);
});

it('so does --debug', async () => {
  const project = await projectWith('002-09.ts');
  const { code, result } = await runJson(project, '002-09.ts#pair', '--debug');
  expect(code).toBe(0);
  inTurn(['left', 'right'].map((side) => result.steps[side]?.outputs[`${side}_span`]?.value as [number, number]));
});
