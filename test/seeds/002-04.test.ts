import { expect, it } from 'vitest';
import { printed, projectWith } from './support.ts';

// The first pipeline: two steps, chained, run from a script that looks at the result.
it('etl_pipeline doubles five numbers', async () => {
  const project = await projectWith('002-04.ts');
  expect(await printed(project, '002-04.ts')).toBe('made 2 4 6 8 10\n');
});
