import { expect, it } from 'vitest';
import type { RunResult } from '../../index.ts';
import { printed, projectWith } from './support.ts';

// A step that trains only if the data is good enough.
it('the condition is asked anew in each run, before the cache; what needs a skipped step is skipped too', async () => {
  const project = await projectWith('002-15.ts', '002-15-run.ts');
  const lines = (await printed(project, '002-15-run.ts')).trim().split('\n');
  const results = lines.map((line) => JSON.parse(line) as RunResult);
  expect(results.map(({ status }) => status)).toEqual(Array(5).fill('succeeded'));
  expect(results.map(({ steps }) => [steps.load?.status, steps.train?.status, steps.deploy?.status])).toEqual([
    ['succeeded', 'skipped', 'skipped'],
    ['succeeded', 'succeeded', 'succeeded'],
    ['cached', 'cached', 'cached'],
    ['cached', 'skipped', 'skipped'],
    ['cached', 'skipped', 'skipped'],
  ]);
  const [poor, good, again] = results;
  for (const result of [good, again]) {
    expect(result?.steps.train?.outputs.model?.value).toBe('trained on 0.95');
    expect(result?.steps.deploy?.outputs.served?.value).toBe('trained on 0.95, served');
  }
  expect(poor?.steps.train).toMatchObject({ outputs: {}, reason: 'its condition was not met' });
  expect(poor?.steps.deploy).toMatchObject({ attempts: 0, outputs: {}, reason: "needs 'train', which was skipped" });
});
