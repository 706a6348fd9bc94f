import { expect, it } from 'vitest';
import { printed, projectWith } from './support.ts';
import { train } from './twins/002-03.ts';

// Settings that come from the context by name, and settings that are fixed in a step's code.
it('context values reach the step by name, and a run overrides them', async () => {
  expect(train.fn({ learning_rate: 1, epochs: 2 })).toEqual({ learning_rate: 1, epochs: 2 });
  const project = await projectWith('002-03.ts', '002-03-run.ts');
  expect(JSON.parse(await printed(project, '002-03-run.ts'))).toEqual({ learning_rate: 0.05, epochs: 10 });
});

it('constants in the code cannot be overridden, and the refusal says so', async () => {
  const project = await projectWith('002-03.ts');
  const { code, stderr } = await project.flowyml('run', '002-03.ts#hardcoded', '-p', 'learning_rate=0.05');
  expect(code).toBe(2);
  expect(stderr).toContain("unknown param 'learning_rate'");
});
