import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../pipelines/run-result.ts';
import { findTemporalBinary, temporalCandidates } from '../../services/temporal/binary.ts';
import { makeProject, type TestProject, until } from '../support/project.ts';
import { PIPELINES } from './pipelines.ts';

// Temporal's own command knows nothing of flowyml: the workflow's type, its queue and its JSON are all that it takes.
let project: TestProject;
let binary: string;
beforeAll(async () => {
  const present = temporalCandidates(process.env, () => {}).filter(({ fetches }) => !fetches);
  binary = (await findTemporalBinary(process.env, present)).path;
  project = await makeProject({ 'pipelines/p.ts': PIPELINES });
  await project.start('worker').until(/ serves /, 60_000);
});
afterAll(() => project.remove());

function temporal(...args: string[]): Promise<{ code: number; stdout: string }> {
  const all = ['workflow', ...args, '--address', project.env.TEMPORAL_ADDRESS ?? '', '--output', 'json'];
  return new Promise((resolve) =>
    execFile(binary, all, (error, stdout) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout })),
  );
}

const start = (type: string, id: string, ...args: string[]) =>
  temporal('start', '--type', type, '--task-queue', project.name, '--workflow-id', id, ...args);

describe('temporal workflow start', () => {
  it('runs a pipeline; its result is the RunResult', async () => {
    const id = `${project.name}-sums`;
    expect((await start('sums', id, '--input', '{"params": {"rows": 5}}')).code).toBe(0);
    const { code, stdout } = await temporal('result', '--workflow-id', id);
    expect(code).toBe(0);
    const { result } = JSON.parse(stdout) as { result: RunResult };
    expect(result).toMatchObject({
      runId: id,
      pipeline: 'sums',
      status: 'succeeded',
      steps: { load: { outputs: { data: { value: [0, 1, 2, 3, 4] } } }, total: { outputs: { sum: { value: 10 } } } },
    });
    const shown = await project.flowyml('runs', 'show', id, '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ ...result, durationMs: expect.any(Number) });
  });

  it('needs no input; the query `status` says how it went', async () => {
    const id = `${project.name}-plain`;
    await start('sums', id);
    expect((await temporal('result', '--workflow-id', id)).code).toBe(0);
    const { stdout } = await temporal('query', '--workflow-id', id, '--type', 'status');
    const { queryResult } = JSON.parse(stdout) as { queryResult: RunResult[] | RunResult };
    expect([queryResult].flat()[0]).toMatchObject({
      runId: id,
      status: 'succeeded',
      steps: { total: { outputs: { sum: { value: 45 } } } },
    });
  });

  it('of a run that fails gives its RunResult in the failure', async () => {
    const id = `${project.name}-fails`;
    await start('fails', id);
    const { code, stdout } = await temporal('result', '--workflow-id', id);
    expect(code).not.toBe(0);
    expect(stdout).toContain("step 'boom' failed: TypeError: no such column");
    expect(stdout).toContain('RunFailed');
  });
});

describe('temporal workflow', () => {
  const waiting = (id: string) =>
    until(
      async () => {
        const { stdout } = await temporal('query', '--workflow-id', id, '--type', 'status');
        return stdout.includes('"waiting"');
      },
      'the review to be asked for',
      60_000,
    );
  const update = (id: string, name: string, input: object) =>
    temporal('update', 'execute', '--workflow-id', id, '--name', name, '--input', JSON.stringify(input));

  it('approves a step once', async () => {
    const id = `${project.name}-approved`;
    await start('asks', id);
    await waiting(id);
    const approved = await update(id, 'approve', { step: 'review', by: 'ann' });
    expect(approved.stdout).toContain('"approved"');
    expect((await temporal('result', '--workflow-id', id)).code).toBe(0);
    expect((await update(id, 'approve', { step: 'review', by: 'eve' })).code).not.toBe(0);
    const { stdout } = await project.flowyml('runs', 'show', id, '--json');
    expect(JSON.parse(stdout).steps.review.approval).toMatchObject({ decision: 'approved', by: 'ann' });
  });

  it('rejects by a signal, pauses, goes on, and cancels', async () => {
    const id = `${project.name}-rejected`;
    await start('asks', id);
    await waiting(id);
    await temporal('signal', '--workflow-id', id, '--name', 'reject', '--input', '{"step": "review", "by": "bob"}');
    expect((await temporal('result', '--workflow-id', id)).code).not.toBe(0);
    const other = `${project.name}-cancelled`;
    await start('asks', other);
    await waiting(other);
    await temporal('signal', '--workflow-id', other, '--name', 'pause');
    await until(
      async () => (await temporal('query', '--workflow-id', other, '--type', 'status')).stdout.includes('"paused"'),
      'the pause',
      60_000,
    );
    await temporal('signal', '--workflow-id', other, '--name', 'resume');
    await temporal('cancel', '--workflow-id', other);
    expect((await temporal('result', '--workflow-id', other)).code).not.toBe(0);
    const status = async (run: string) => JSON.parse((await project.flowyml('runs', 'show', run, '--json')).stdout).status;
    expect([await status(id), await status(other)]).toEqual(['failed', 'cancelled']);
  });
});
