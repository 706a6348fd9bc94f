import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createClient, type FlowymlClient, type RunChange } from '../../client/index.ts';
import { materializer, pipeline, step } from '../../pipelines/index.ts';
import { STATUS_QUERY } from '../../pipelines/run-request.ts';
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
    const ended = await run.result();
    expect(ended.success).toBe(true);
    const result = ended.toJSON();
    expect(result).toMatchObject({
      runId: run.runId,
      pipeline: 'sums',
      project: project.name,
      status: 'succeeded',
      steps: { load: { outputs: { data: { value: [0, 1, 2, 3] } } }, total: { group: 'training_cluster', outputs: { sum: { value: 6 } } } },
    });
    // The same from the workflow's query, and from the database.
    expect(await client.temporal.workflow.getHandle(run.runId).query(STATUS_QUERY)).toEqual({ ...result, durationMs: expect.any(Number) });
    expect(await client.handle(run.runId).status()).toMatchObject({
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
    const result = (await first.result()).toJSON();
    expect(result.status).toBe('succeeded');
    expect((await second.result()).toJSON()).toEqual(result);
    const third = await client.start('gated', { runId, params: { file: gate('never') } });
    expect((await third.result()).toJSON()).toEqual(result);
    expect((await client.list({ pipeline: 'gated' })).filter((run) => run.runId === runId)).toHaveLength(1);
  });

  it('sees how far a run is, and cancels it', async () => {
    const run = await client.start('gated', { params: { file: gate('never') }, cache: false });
    await until(async () => (await run.status()).steps.gate?.status === 'running', 'the gate to be reached', 60_000);
    expect(await run.status()).toMatchObject({
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
    [{ stack: 'cloud' }, /no stack is named 'cloud'/],
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
    expect(await waiting.status()).toMatchObject({ pipeline: 'nobody-serves-this', status: 'waiting', steps: {} });
    await waiting.cancel();
    const run = await client.start('gated', { params: { file: gate('never') }, cache: false });
    await until(async () => (await run.status()).steps.gate?.status === 'running', 'the gate to be reached', 60_000);
    const { temporal } = await project.session();
    await temporal.client.workflow.getHandle(run.runId).terminate('enough');
    expect(await run.status()).toMatchObject({
      status: 'cancelled',
      steps: {
        before: { status: 'succeeded' },
        gate: { status: 'cancelled', reason: 'the run ended before it did: it was terminated in Temporal' },
      },
    });
    expect(await run.result()).toMatchObject({ runId: run.runId, status: 'cancelled' });
  });

  it('gives the values of a run that was started by its name', async () => {
    const result = await client.run('kinds', { cache: false });
    expect(result.outputs).toEqual({ number: 7 });
    expect(await result.output('number')).toBe(7);
    const table = (await result.output('rows')) as { toArray(): Promise<unknown[]> };
    expect(await table.toArray()).toEqual([{ a: 1 }, { a: 2 }]);
    const scores = (await result.output('scores')) as { data: unknown; name: string };
    expect(scores).toMatchObject({ name: 'scores', data: { auc: 0.7 } });
    await expect(result.output('own')).rejects.toThrow(/output 'own' is of type custom:text\/plain.*give the pipeline itself/);
    await expect(result.output('nmber')).rejects.toThrow(/no output 'nmber'; did you mean 'number'\?/);
  });

  it('takes the pipeline itself: params are checked before the start, results have its types', async () => {
    const text = materializer<string>({
      type: 'text/plain',
      write: (value) => Buffer.from(value),
      read: (bytes) => bytes.text(),
    });
    const kinds = pipeline('kinds', { steps: [step({ name: 'own', outputs: { own: text } }, () => '')] });
    const run = await client.start(kinds);
    const own: string = await run.output('own');
    expect(own).toBe('text');
    expect((await client.handle(run.runId, kinds).output('own')).toUpperCase()).toBe('TEXT');
    const load = step({ name: 'load', params: { rows: z.number().int() }, outputs: { data: z.array(z.number()) } }, () => []);
    const sums = pipeline('sums', { steps: [load] });
    await expect(client.start(sums, { params: { rows: 1.5 } })).rejects.toMatchObject({ code: 'PLAN' });
  });

  it('watches a run from its start to its end', async () => {
    const run = await client.start('gated', { params: { file: gate('watched') }, cache: false });
    const changes: RunChange[] = [];
    for await (const change of run.watch()) {
      changes.push(change);
      if (change.type === 'step' && change.step === 'gate' && change.status === 'running') project.write('watched', '');
    }
    const gateway = changes.flatMap((change) => (change.type === 'step' && change.step === 'gate' ? [change] : []));
    expect(gateway.map(({ status, previous }) => [status, previous])).toEqual([
      ['running', undefined],
      ['succeeded', 'running'],
    ]);
    expect(gateway.at(-1)?.result).toMatchObject({ attempts: 1, status: 'succeeded' });
    expect(changes.at(-1)).toEqual({ type: 'run', status: 'succeeded', previous: 'running' });
    // One that has ended is told at once, and that is all.
    const again: RunChange[] = [];
    for await (const change of client.handle(run.runId).watch()) again.push(change);
    expect(again).toHaveLength(3);
  });

  it('stops watching when told to, and the run goes on', async () => {
    const run = await client.start('gated', { params: { file: gate('later') }, cache: false });
    const stop = new AbortController();
    for await (const change of run.watch({ signal: stop.signal })) if (change.type === 'run' && change.status === 'running') stop.abort();
    expect((await run.status()).status).toBe('running');
    project.write('later', '');
    expect((await run.result()).success).toBe(true);
  });

  it('watches a run that nobody serves', async () => {
    const run = await client.start('served-by-none');
    const stop = new AbortController();
    for await (const change of run.watch({ signal: stop.signal })) {
      expect(change).toMatchObject({ type: 'run', status: 'waiting', reason: expect.any(String) });
      stop.abort();
    }
    await run.cancel();
    await expect(client.handle('no-such-run').watch()[Symbol.asyncIterator]().next()).rejects.toThrow(/there is no run 'no-such-run'/);
  });

  it('retries a run: what succeeded is taken over', async () => {
    const failed = await client.start('fails', { tags: ['to-retry'], cache: false });
    expect((await failed.result()).success).toBe(false);
    const retried = await failed.retry({ runId: `${project.name}-retried` });
    expect(retried.runId).toBe(`${project.name}-retried`);
    expect((await retried.result()).steps).toMatchObject({ fine: { reusedFrom: failed.runId }, boom: { status: 'failed', attempts: 1 } });
    expect((await client.list({ tag: 'to-retry' })).map(({ runId }) => runId)).toEqual([retried.runId, failed.runId]);
    await expect(failed.retry({ forceFrom: 'bom' })).rejects.toThrow(/no step 'bom'.*did you mean 'boom'\?/);
    const open = await client.start('gated', { params: { file: gate('never') }, cache: false });
    await until(async () => (await open.status()).steps.gate?.status === 'running', 'the gate to be reached', 60_000);
    await expect(open.retry()).rejects.toThrow(/has not ended: it is running; cancel it first/);
    await open.cancel();
  });

  it('lists runs by what they belong to and when they started', async () => {
    const before = new Date();
    const run = await client.start('sums', { params: { rows: 2 }, experiment: 'listed', project: 'label' });
    await run.result();
    const ids = async (filter: Parameters<FlowymlClient['list']>[0]) => (await client.list(filter)).map(({ runId }) => runId);
    expect(await ids({ experiment: 'listed' })).toEqual([run.runId]);
    expect(await ids({ project: 'label', status: 'succeeded' })).toEqual([run.runId]);
    expect(await ids({ since: before })).toEqual([run.runId]);
    expect(await ids({ until: before })).not.toContain(run.runId);
    expect(await ids({ experiment: 'listed', pipeline: 'fails' })).toEqual([]);
    const command = await project.flowyml('runs', 'list', '--experiment', 'listed', '--since', '1 hour', '--json');
    expect(JSON.parse(command.stdout)).toMatchObject([{ runId: run.runId }]);
    expect((await project.flowyml('runs', 'list', '--since', 'yesteryear')).stderr).toMatch(/--since: "yesteryear" is not a duration/);
  });

  it('says what it does not know', async () => {
    await expect(client.handle('nope').result()).rejects.toMatchObject({ code: 'USAGE', message: "there is no run 'nope' in Temporal" });
    await expect(client.handle('nope').status()).rejects.toMatchObject({
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
