import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { RunResult } from '../../index.ts';
import { printed, projectWith } from './support.ts';

// A local stack with paths of its own, given to a pipeline and to a run.
it('a stack of the pipeline, and one of the run, keep artifacts under their paths', async () => {
  const project = await projectWith('002-14.ts');
  const results = JSON.parse(await printed(project, '002-14.ts')) as RunResult[];
  expect(results).toMatchObject([
    { status: 'succeeded', stack: 'laptop' },
    { status: 'succeeded', stack: 'other' },
  ]);
  const files = results.map(({ steps }) => fileURLToPath(steps.load?.outputs.data?.uri ?? ''));
  expect(files[0]).toContain(join(project.root, 'kept/artifacts/'));
  expect(files[1]).toContain(join(project.root, 'kept/others/'));
  for (const file of files) expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveLength(5000);
});
