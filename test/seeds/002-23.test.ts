import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../index.ts';
import { printed, projectWith, runJson } from './support.ts';

// When to split a step: the guide in docs/pipelines.md, and whether what it promises comes true.
const page = readFileSync(new URL('../../docs/pipelines.md', import.meta.url), 'utf8');
const guide = /^## When to split a step\n([\s\S]*?)^###? /m.exec(page)?.[1] ?? '';

describe('the guide', () => {
  const rows = [...guide.matchAll(/^\| (.*?) +\| (yes|no|maybe): /gm)].map(([, situation, verdict]) => [situation, verdict]);

  it('decides each of the five situations', () => {
    expect(rows).toEqual([
      [expect.stringContaining('five minutes'), 'yes'],
      [expect.stringContaining('separately'), 'yes'],
      [expect.stringContaining('expensive'), 'yes'],
      [expect.stringContaining('save, then load'), 'no'],
      [expect.stringContaining('less than a second'), 'maybe'],
    ]);
  });

  it('has an example that runs, and whose costly step is kept', async () => {
    const project = await projectWith();
    project.write('survey.ts', /^```ts\n([\s\S]*?)^```$/m.exec(guide)?.[1] ?? '');
    const late = (await runJson(project, 'survey.ts')).result.steps;
    const onTime = (await runJson(project, 'survey.ts', '-p', 'word=on time')).result.steps;
    expect([late.tally?.outputs.count?.value, late.archive?.outputs.bytes?.value]).toEqual([2, '["late","late","on time"]'.length]);
    expect([onTime.ask?.status, onTime.tally?.status, onTime.tally?.outputs.count?.value]).toEqual(['cached', 'succeeded', 1]);
  });
});

it('what was split off is neither repeated after a failure nor for a change nor in another pipeline; what belongs together fails as one', async () => {
  const project = await projectWith('002-23.ts', '002-23-run.ts');
  const runs = JSON.parse(await printed(project, '002-23-run.ts')) as Record<string, RunResult>;
  const { failed, mended, other, lost, kept } = runs;
  const facts = (result?: RunResult) => Object.values(result?.steps ?? {}).map(({ status, reusedFrom }) => reusedFrom ?? status);
  expect(facts(failed)).toEqual(['succeeded', 'failed']);
  expect(facts(mended)).toEqual([failed?.runId, 'succeeded']);
  expect([other, lost, kept].map(facts)).toEqual([
    ['cached', 'succeeded'],
    ['cached', 'failed'],
    ['cached', 'succeeded'],
  ]);
  expect(Object.values(runs).map(({ steps }) => steps.ask?.outputs.bill?.value)).toEqual(Array(5).fill(failed?.runId));
  expect([mended, other].map((result) => result?.steps.tally?.outputs.count?.value)).toEqual([2, 1]);
  expect(lost?.steps.archive).toMatchObject({ outputs: {}, error: { message: expect.stringContaining('ENOENT') } });
  expect(kept?.steps.archive?.outputs.archived?.value).toEqual(['late', 'late', 'on time']);
});
