import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { printed, projectWith } from './support.ts';

// A walk through the result's steps: how long each took, whether the cache had it, where its artifact is.
it('each step tells its time, its status, and where a value is that is too large for the result', async () => {
  const project = await projectWith('002-11.ts');
  const lines = (await printed(project, '002-11.ts')).trim().split('\n');
  expect(lines[0]).toMatch(/^Run inspected-\w+ .* succeeded/);
  expect(lines.slice(3, 6)).toEqual([
    expect.stringMatching(/^Step load: \d+\.\d\d s, computed$/),
    expect.stringMatching(/^Kept at file:/),
    expect.stringMatching(/^Step count: \d+\.\d\d s, computed$/),
  ]);
  expect(existsSync(fileURLToPath(lines[4]?.slice('Kept at '.length) ?? ''))).toBe(true);

  expect(lines.slice(9)).toEqual([
    expect.stringMatching(/^Step load: \d+\.\d\d s, from the cache$/),
    lines[4],
    expect.stringMatching(/^Step count: \d+\.\d\d s, from the cache$/),
  ]);
});
