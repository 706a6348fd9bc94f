import { expect, it } from 'vitest';
import type { RunResult } from '../../index.ts';
import { printed, projectWith } from './support.ts';

// A step that is tried three times, each wait twice the one before, and whose fallback then stands in for it.
it('three attempts with growing waits, then the fallback; it is marked and never cached, a late success is cached and not marked', async () => {
  const project = await projectWith('002-17.ts', '002-17-run.ts');
  const lines = (await printed(project, '002-17-run.ts')).trim().split('\n');
  const [stored, storedAgain, late, lateAgain] = lines.map((line) => JSON.parse(line) as RunResult);

  const page = 'stored page, for in an outage of 3: Error, no answer to call 3';
  for (const result of [stored, storedAgain]) {
    expect(result?.status).toBe('succeeded');
    expect(result?.steps.flaky_step).toMatchObject({
      ...{ status: 'succeeded', attempts: 3, fallback: true },
      ...{ outputs: { page: { value: page } }, error: { message: 'no answer to call 3' } },
    });
    expect(result?.steps.read?.outputs.text?.value).toBe(page.toUpperCase());
  }

  expect(late?.steps.flaky_step).toMatchObject({ status: 'succeeded', attempts: 3, outputs: { page: { value: 'page of call 3' } } });
  expect(late?.steps.flaky_step).not.toHaveProperty('fallback');
  expect(lateAgain?.steps.flaky_step).toMatchObject({ status: 'cached', outputs: { page: { value: 'page of call 3' } } });

  const { history } = JSON.parse((await project.flowyml('runs', 'show', stored?.runId ?? '', '--json')).stdout) as {
    history: { step: string; status: string; startedAt: string; endedAt: string }[];
  };
  const calls = history.filter(({ step }) => step === 'flaky_step');
  // The last is the fallback's call.
  expect(calls.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed', 'succeeded']);
  const waits = calls.slice(1, 3).map(({ startedAt }, i) => Date.parse(startedAt) - Date.parse(calls[i]?.endedAt ?? ''));
  expect(waits[0]).toBeGreaterThanOrEqual(290);
  expect(waits[1]).toBeGreaterThanOrEqual(590);
});
