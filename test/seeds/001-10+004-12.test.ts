import { expect, it } from 'vitest';
import { printed, projectWith } from './support.ts';

// The active stack of a program.
it('a run that names no stack is on the active one; an unknown name is refused with the nearest', async () => {
  const project = await projectWith('001-10.ts', '001-10-run.ts');
  expect(JSON.parse(await printed(project, '001-10-run.ts'))).toEqual({
    stack: 'production',
    active: 'production',
    refusal: "no stack is named 'prodution'; did you mean 'production'?",
  });
});
