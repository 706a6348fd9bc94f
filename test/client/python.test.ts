import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { PIPELINES } from './pipelines.ts';

const run = promisify(execFile);
const CONTROL = fileURLToPath(new URL('./control_run.py', import.meta.url));
const SCRIPT = fileURLToPath(new URL('./start_run.py', import.meta.url));

const python = process.env.FLOWYML_TEST_PYTHON || 'python3';
const missing = await run(python, ['-c', 'import temporalio']).then(
  () => undefined,
  (error: Error) =>
    `${python} cannot import temporalio (${error.message.trim().split('\n').at(-1)}): set FLOWYML_TEST_PYTHON to one that can`,
);
const required = process.env.FLOWYML_CI_REQUIRE === '1';
const skipped = missing !== undefined && !required;

interface Told {
  result?: RunResult;
  failure?: { type: string; message: string; details: RunResult[] };
  status: RunResult;
}

describe.skipIf(skipped)(`a program in Python that only knows Temporal${skipped ? ` (${missing})` : ''}`, () => {
  let project: TestProject;
  beforeAll(async () => {
    if (missing) throw new Error(missing);
    project = await makeProject({ 'pipelines/p.ts': PIPELINES });
    await project.start('worker').until(/ serves /, 60_000);
  });
  afterAll(() => project?.remove());

  async function start(pipeline: string, request: object): Promise<Told> {
    const id = `${project.name}-${pipeline}-${Object.keys(request).length}`;
    const args = [SCRIPT, project.env.TEMPORAL_ADDRESS ?? '', project.name, pipeline, id, JSON.stringify(request)];
    return JSON.parse((await run(python, args)).stdout) as Told;
  }

  it('starts a run with {"params": …} and reads the RunResult, and the `status` query', async () => {
    const { result, status } = await start('sums', { params: { rows: 4 } });
    expect(result).toMatchObject({
      runId: `${project.name}-sums-1`,
      pipeline: 'sums',
      project: project.name,
      status: 'succeeded',
      steps: { load: { status: 'succeeded', outputs: { data: { value: [0, 1, 2, 3] } } }, total: { outputs: { sum: { value: 6 } } } },
    });
    expect(status).toEqual({ ...result, durationMs: expect.any(Number) });
  });

  it('sees a failed run as a RunFailed, with the RunResult in its details', async () => {
    const { failure, status } = await start('fails', {});
    expect(failure).toMatchObject({
      type: 'RunFailed',
      message: "step 'boom' failed: TypeError: no such column",
      details: [
        {
          status: 'failed',
          steps: {
            fine: { status: 'succeeded' },
            boom: { status: 'failed', attempts: 1, error: { type: 'TypeError', message: 'no such column' } },
            later: { status: 'skipped', reason: "needs 'boom', which failed" },
          },
        },
      ],
    });
    expect(status).toMatchObject({ status: 'failed' });
  });

  it('approves, rejects, pauses and cancels runs', async () => {
    const args = [CONTROL, project.env.TEMPORAL_ADDRESS ?? '', project.name, project.name];
    const told = JSON.parse((await run(python, args)).stdout);
    expect(told).toMatchObject({
      waiting: { status: 'waiting', steps: { review: { status: 'waiting', reason: 'for approval: Ship it?' } } },
      decision: { decision: 'approved', by: 'ann', comment: 'fine' },
      approved: { status: 'succeeded', steps: { ship: { outputs: { shipped: { value: 7 } } } } },
      refused: "the run has no step 'revue'",
      rejected: "step 'review' failed: Rejected: rejected by bob",
      cancelled: 'CancelledError',
      ended: { status: 'cancelled', steps: { train: {}, review: { status: 'cancelled' }, ship: { status: 'cancelled' } } },
    });
  });

  it('is told what is wrong with its request', async () => {
    const { failure } = await start('sums', { params: { rowz: 1 } });
    expect(failure).toMatchObject({ type: 'RunFailed', message: "pipeline 'sums': unknown param 'rowz'; did you mean 'rows'?" });
  });
});
