import { expect, it } from 'vitest';
import { printed, projectWith } from './support.ts';

// Each member of the result object.
it('a result has each of its members', async () => {
  const project = await projectWith('002-10.ts');
  const seen = JSON.parse(await printed(project, '002-10.ts'));
  expect(seen).toMatchObject({
    runId: expect.stringMatching(/^sums-\w+$/),
    pipelineName: 'sums',
    success: true,
    status: 'succeeded',
    outputs: { data: [3, 4], total: 7 },
    steps: { load: { status: 'succeeded', attempts: 1 }, add_up: { status: 'succeeded', outputs: { total: { value: 7 } } } },
    output: 7,
    noOutput: "pipeline 'sums' has no output 'totl'; did you mean 'total'?",
    noStep: `run '${seen.runId}' has no step 'add_op'; did you mean 'add_up'?`,
  });
  expect(seen.durationMs).toBeGreaterThan(0);
  expect(seen.step).toEqual(seen.steps.add_up);
  expect(seen.summary).toMatch(/^Run sums-\w+ of sums .* succeeded in .*\n +load +succeeded .*\n +add_up +succeeded .* total: 7$/);
  expect(seen.json).toEqual({
    ...{ runId: seen.runId, pipeline: 'sums', project: project.name, stack: 'local', status: 'succeeded' },
    ...{ durationMs: seen.durationMs, steps: seen.steps, version: expect.any(String), startedAt: expect.stringMatching(/^\d{4}-.*Z$/) },
  });
  expect(seen.asJson).toEqual(seen.json);
});
