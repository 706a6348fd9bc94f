import { expect, it } from 'vitest';
import { printed, projectWith } from './support.ts';
import { etl, loadCsv, validation } from './twins/002-20.ts';

// Pipelines put together of the same steps.
it('one step serves in two pipelines: what it made for the first, the cache gives to the second', async () => {
  expect([etl.steps[0], validation.steps[0]]).toEqual([loadCsv, loadCsv]);
  const project = await projectWith('002-20.ts', '002-20-run.ts');
  const { clean, missing, loaded } = JSON.parse(await printed(project, '002-20-run.ts'));
  expect(clean).toEqual([
    { city: 'Oslo', population: 717710 },
    { city: 'Bern', population: 134591 },
  ]);
  expect(missing).toBe(1);
  const sha256 = loaded[0][1];
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(loaded).toEqual([
    ['succeeded', sha256],
    ['cached', sha256],
  ]);
});
