import { runPipeline } from 'flowyml/testing';
import { expect, it } from 'vitest';
import forecast, { fit } from '../pipelines/forecast.ts';

// A function is a function: most tests need nothing more.
it('takes the mean of the last days', () => {
  const metrics: [string, number][] = [];
  const run = { metric: (name: string, value: number) => metrics.push([name, value]) };
  expect(fit.fn({ visits: [9, 1, 2, 6], window: 3 }, run as never)).toBe(3);
  expect(metrics).toEqual([['forecast', 3]]);
});

// The whole pipeline in this process: no server, and data from here in place of what load_visits would fetch.
const visits = { load_visits: () => [100, 110, 120] };

it('publishes what a person approves', async () => {
  const result = await runPipeline(forecast, { steps: visits, approvals: { review: 'approve' } });
  expect(await result.output('published')).toBe('110 visits tomorrow');
  expect(result.metrics).toEqual([{ step: 'fit', name: 'forecast', value: 110, point: null }]);
});

it('publishes nothing that nobody looks at within a week', async () => {
  const result = await runPipeline(forecast, { steps: visits, approvals: { review: 'timeout' } });
  expect(result.success).toBe(false);
  expect(result.step('publish')).toMatchObject({ status: 'skipped', reason: "needs 'review', which failed" });
});

it('checks what comes from outside', async () => {
  const result = await runPipeline(forecast, { steps: { load_visits: () => ['many'] } });
  expect(result.error).toMatchObject({ step: 'load_visits', type: 'OutputInvalid' });
});
