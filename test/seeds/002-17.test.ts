import { expect, it } from 'vitest';
import { projectWith, runJson } from './support.ts';

// A step that is tried three times, each wait twice the one before.
it('a failing step is tried three times with growing waits', async () => {
  const project = await projectWith('002-17.ts');
  const { code, result } = await runJson(project, '002-17.ts');
  expect(code).toBe(1);
  expect(result.steps.flaky_step).toMatchObject({ status: 'failed', attempts: 3, error: { message: 'no answer to call 3' } });
  const { history } = JSON.parse((await project.flowyml('runs', 'show', result.runId, '--json')).stdout) as {
    history: { status: string; startedAt: string; endedAt: string }[];
  };
  expect(history.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
  const waits = history.slice(1).map(({ startedAt }, i) => Date.parse(startedAt) - Date.parse(history[i]?.endedAt ?? ''));
  expect(waits[0]).toBeGreaterThanOrEqual(290);
  expect(waits[1]).toBeGreaterThanOrEqual(590);
});
