import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { RunResult } from '../../index.ts';
import { printed, projectWith } from './support.ts';

// One pipeline, run on one stack and on another.
it('each run is on its stack, with the same result', async () => {
  const project = await projectWith('001-11.ts', '001-11-run.ts');
  const [one, other] = JSON.parse(await printed(project, '001-11-run.ts')) as [RunResult, RunResult];
  expect([one, other]).toMatchObject([
    { status: 'succeeded', stack: 'local-one' },
    { status: 'succeeded', stack: 'other' },
  ]);
  const [a, b] = [one, other].map(({ steps }) => steps.load?.outputs.data);
  expect(a?.sha256).toBe(b?.sha256);
  const [fileA, fileB] = [a, b].map((ref) => fileURLToPath(ref?.uri ?? ''));
  expect(fileA).toContain(join(project.root, 'one/'));
  expect(fileB).toContain(join(project.root, 'two/'));
  expect(readFileSync(fileA as string)).toEqual(readFileSync(fileB as string));
});
