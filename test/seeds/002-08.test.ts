import { expect, it } from 'vitest';
import { printed, projectWith } from './support.ts';

// A run, and what a script does when it succeeded and when it failed.
it('success and failure are told apart; a failure is a result, with its step and error', async () => {
  const project = await projectWith('002-08.ts');
  expect(await printed(project, '002-08.ts')).toBe('good: {"celsius":21}\nbad: failed, measure: the sensor is silent, {}\n');
});
