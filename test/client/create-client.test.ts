import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type FlowymlClient } from '../../client/index.ts';
import { makeProject, type RunningCommand, type TestProject, until } from '../support/project.ts';
import { PIPELINES } from './pipelines.ts';

let project: TestProject;
let client: FlowymlClient;
let worker: RunningCommand;
const environment = { ...process.env };
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': PIPELINES });
  process.env.TEMPORAL_ADDRESS = project.env.TEMPORAL_ADDRESS;
  process.env.FLOWYML_DATABASE_URL = project.env.FLOWYML_DATABASE_URL;
  worker = project.start('worker');
  await worker.until(/ serves /, 60_000);
  client = await createClient({ project: project.root });
});
afterAll(async () => {
  await client?.close();
  process.env = environment;
  await project.remove();
});

const gate = (name: string) => join(project.root, name);

describe('a client', () => {
  it('starts a run, waits for its result, and finds it again', async () => {
    const run = await client.start('sums', { params: { rows: 4 }, tags: ['nightly'] });
    const result = await run.result();
    expect(result).toMatchObject({
      runId: run.runId,
      pipeline: 'sums',
      project: project.name,
      status: 'succeeded',
      steps: { load: { outputs: { data: { value: [0, 1, 2, 3] } } }, total: { group: 'training_cluster', outputs: { sum: { value: 6 } } } },
    });
    // The same from the workflow's query, and from the database.
    expect(await run.status()).toEqual({ ...result, durationMs: expect.any(Number) });
    expect(await client.handle(run.runId).describe()).toMatchObject({
      runId: run.runId,
      status: 'succeeded',
      steps: { total: { outputs: { sum: { value: 6 } } } },
    });
    expect(await client.list({ pipeline: 'sums' })).toEqual([
      {
        runId: run.runId,
        pipeline: 'sums',
        version: result.version,
        project: project.name,
        stack: 'local',
        status: 'succeeded',
        startedAt: result.startedAt,
        durationMs: expect.any(Number),
      },
    ]);
  });

  it('does not start an id twice, be the first run running or ended', async () => {
    const runId = `${project.name}-twice`;
    const first = await client.start('gated', { runId, params: { file: gate('twice') } });
    const second = await client.start('gated', { runId, params: { file: gate('never') } });
    expect(second.runId).toBe(runId);
    project.write('twice', '');
    const result = await first.result();
    expect(result.status).toBe('succeeded');
    expect(await second.result()).toEqual(result);
    const third = await client.start('gated', { runId, params: { file: gate('never') } });
    expect(await third.result()).toEqual(result);
    expect((await client.list({ pipeline: 'gated' })).filter((run) => run.runId === runId)).toHaveLength(1);
  });

  it('sees how far a run is, and cancels it', async () => {
    const run = await client.start('gated', { params: { file: gate('never') }, cache: false });
    await until(async () => (await run.status()).steps.gate?.status === 'running', 'the gate to be reached', 60_000);
    expect(await run.describe()).toMatchObject({
      status: 'running',
      steps: { before: { status: 'succeeded' }, gate: { status: 'running', attempts: 1 } },
    });
    expect(await client.list({ status: 'running' })).toEqual([expect.objectContaining({ runId: run.runId })]);
    await run.cancel();
    expect(await run.result()).toMatchObject({
      status: 'cancelled',
      steps: { before: { status: 'succeeded' }, gate: { status: 'cancelled' } },
    });
  });

  it('gives a failed run as a result, with its error', async () => {
    const run = await client.start('fails');
    expect(await run.result()).toMatchObject({
      status: 'failed',
      steps: {
        fine: { status: 'succeeded' },
        boom: { status: 'failed', error: { type: 'TypeError', message: 'no such column' } },
        later: { status: 'skipped', reason: "needs 'boom', which failed" },
      },
    });
  });

  it.each([
    [{ params: { rowz: 1 } }, /unknown param 'rowz'; did you mean 'rows'\?/],
    [{ params: { rows: 'many' } }, /param 'rows' of step 'load': expected number, received string/],
    [{ parms: {} }, /the run's request has an unknown field 'parms'; did you mean 'params'\?/],
    [{ stack: 'cloud' }, /stack 'cloud' is not one that this worker serves/],
  ])('is told what is wrong with a request: %o', async (request, says) => {
    const run = await client.start('sums', request as never);
    await expect(run.result()).rejects.toMatchObject({ code: 'USAGE', message: expect.stringMatching(says) });
  });

  it.each([
    ['too large', { params: { rows: 'x'.repeat(3_000_000) } }, "the run's params are larger than Temporal takes"],
    ['of too long an id', { runId: 'x'.repeat(1001) }, 'Temporal does not take this run: WorkflowId exceeds'],
  ])('does not start a run that is %s', async (_, options, says) => {
    await expect(client.start('sums', options)).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(says) });
  });

  it('describes a run that waits for a worker, and one that is ended from outside', async () => {
    const waiting = await client.start('nobody-serves-this');
    expect(await waiting.describe()).toMatchObject({ pipeline: 'nobody-serves-this', status: 'waiting', steps: {} });
    await waiting.cancel();
    const run = await client.start('gated', { params: { file: gate('never') }, cache: false });
    await until(async () => (await run.describe()).steps.gate?.status === 'running', 'the gate to be reached', 60_000);
    const { temporal } = await project.session();
    await temporal.client.workflow.getHandle(run.runId).terminate('enough');
    expect(await run.describe()).toMatchObject({
      status: 'cancelled',
      steps: {
        before: { status: 'succeeded' },
        gate: { status: 'cancelled', reason: 'the run ended before it did: it was terminated in Temporal' },
      },
    });
    expect(await run.result()).toMatchObject({ runId: run.runId, status: 'cancelled' });
  });

  it('says what it does not know', async () => {
    await expect(client.handle('nope').result()).rejects.toMatchObject({ code: 'USAGE', message: "there is no run 'nope' in Temporal" });
    await expect(client.handle('nope').describe()).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining("there is no run 'nope'"),
    });
    await expect(client.handle('nope').cancel()).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('needs services that run', async () => {
    process.env.TEMPORAL_ADDRESS = '127.0.0.1:1';
    try {
      await expect(createClient({ project: project.root })).rejects.toMatchObject({
        code: 'SERVICE_UNAVAILABLE',
        message: expect.stringContaining('Temporal at 127.0.0.1:1, named by TEMPORAL_ADDRESS'),
      });
    } finally {
      process.env.TEMPORAL_ADDRESS = project.env.TEMPORAL_ADDRESS;
    }
  });
});
