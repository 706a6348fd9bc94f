import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type RunningCommand, type TestProject, until } from '../support/project.ts';

const PIPELINES = `
import { approval, mapStep, NonRetryableError, parallelMap, pipeline, RetryableError, step, webhook } from 'flowyml';
import { z } from 'zod';

const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const n = z.number();

export const fallback = pipeline('fallback', { steps: [
  step({ name: 'source', outputs: { a: n } }, () => 20),
  step({ name: 'flaky', inputs: { a: n }, outputs: { b: n }, retry: { maxAttempts: 2, initialInterval: 20 }, onFailure: (error, { a }) => { console.log('standing in for', error.name, error.message); return a + 1; } }, () => { throw new RangeError('no luck'); }),
  step({ name: 'use', inputs: { b: n }, outputs: { c: n } }, ({ b }) => b * 2),
] });

export const goes_on = pipeline('goes_on', { steps: [
  step({ name: 'bad', outputs: { x: n }, onFailure: 'continue' }, () => { throw new Error('broken'); }),
  step({ name: 'needs_bad', inputs: { x: n } }, () => {}),
  step({ name: 'needs_that', after: ['needs_bad'] }, () => {}),
  step({ name: 'slow', outputs: { y: n } }, async () => { await nap(500); return 1; }),
  step({ name: 'last', inputs: { y: n }, outputs: { z: n } }, ({ y }) => y + 1),
] });

export const branches = pipeline('branches', { steps: [
  step({ name: 'load', outputs: { data: z.object({ quality: n }) }, params: { quality: n } }, ({ quality }) => ({ quality })),
  step({ name: 'good', inputs: { data: z.object({ quality: n }) }, outputs: { left: z.string() }, when: ({ data }) => data.quality > 0.9 }, () => 'trained'),
  step({ name: 'poor', inputs: { data: z.object({ quality: n }) }, params: { quality: n }, outputs: { right: z.string() }, when: (_, { quality }) => quality <= 0.9 }, () => 'cleaned'),
  step({ name: 'join', inputs: { left: z.string().optional(), right: z.string().optional() }, outputs: { joined: z.string() } }, ({ left, right }) => left ?? right ?? 'neither'),
  step({ name: 'deploy', inputs: { left: z.string() }, outputs: { deployed: z.string() } }, ({ left }) => 'deployed ' + left),
] });

export const numbers = pipeline('numbers', { steps: [
  step({ name: 'list', outputs: { numbers: z.array(n) }, params: { count: n } }, ({ count }) => Array.from({ length: count }, (_, i) => i)),
  mapStep({ name: 'square', items: 'numbers', item: n, outputs: { squares: n } }, ({ item }) => item ** 2),
  step({ name: 'total', inputs: { squares: z.array(n) }, outputs: { sum: n, ordered: z.boolean() } }, ({ squares }) => ({ sum: squares.reduce((a, b) => a + b, 0), ordered: squares.every((s, i) => s === i * i) })),
] });

export const picky = pipeline('picky', { steps: [
  step({ name: 'list', outputs: { items: z.array(n) } }, () => [1, 2, 3, 4, 5, 6]),
  mapStep({ name: 'halve', items: 'items', item: n, outputs: { halves: n }, batchSize: 2, onItemError: 'collect', retry: { maxAttempts: 2, initialInterval: 10 } }, ({ item }, run) => {
    if (item === 2 && run.attempt === 1) throw new Error('at first');
    if (item === 5) throw new RangeError('five');
    return item / 2;
  }),
  mapStep({ name: 'strict', items: 'items', item: n, batchSize: 2, onItemError: 'fail' }, ({ item }) => { if (item === 5) throw new RangeError('five'); }),
] });

const review = approval({ name: 'review', after: ['before'], message: 'Ship it?' });
export const gated = pipeline('gated', { steps: [step({ name: 'before' }, () => 1), review, step({ name: 'ship', after: [review] }, () => 2)] });
export const hurried = pipeline('hurried', { steps: [approval({ name: 'review', timeout: '1 second', onTimeout: 'approve' }), step({ name: 'ship', after: ['review'] }, () => 2)] });

export const hooked = pipeline('hooked', {
  steps: [step({ name: 'work', params: { fail: z.boolean() } }, ({ fail }) => { if (fail) throw new Error('asked to fail'); })],
  onSuccess: step({ name: 'rejoice' }, (_, run) => ({ saw: run.result.status })),
  onFailure: [step({ name: 'mourn' }, (_, run) => ({ saw: run.result.status, failed: Object.keys(run.result.steps).filter((s) => run.result.steps[s].status === 'failed') })), webhook({ name: 'tell', url: '\${TEST_WEBHOOK}' })],
});

export const resumes = pipeline('resumes', { steps: [
  step({ name: 'count', outputs: { from: n }, retry: { maxAttempts: 3, initialInterval: 20 } }, async (_, run) => {
    const before = (await run.checkpoint.load()) ?? 0;
    await run.checkpoint.save(before + 10);
    if (before < 20) throw new Error('again');
    return before;
  }),
] });

export const final = pipeline('final', { steps: [
  step({ name: 'never', retry: { maxAttempts: 5 } }, () => { throw new NonRetryableError('no use'); }),
] });
export const named = pipeline('named', { steps: [
  step({ name: 'typed', retry: { maxAttempts: 5, initialInterval: 10, nonRetryable: ['TypeError'] } }, (_, run) => { if (run.attempt < 2) throw new Error('once'); throw new TypeError('stop'); }),
] });
export const later = pipeline('later', { steps: [
  step({ name: 'wait', retry: { maxAttempts: 2, initialInterval: 60_000 } }, (_, run) => { if (run.attempt < 2) throw new RetryableError('soon', { retryAfter: 300 }); }),
] });
export const limited = pipeline('limited', { steps: [
  step({ name: 'stubborn', totalTimeout: '2 seconds', retry: { maxAttempts: 100, initialInterval: 300, backoff: 'fixed' } }, () => { throw new Error('still not'); }),
] });

const small = (name, input) => step({ name, group: 'tiny', inputs: input ? { [input]: n } : {}, outputs: { [name + '_out']: n } }, (args) => (input ? args[input] : 0) + 1);
export const together = pipeline('together', { groups: { tiny: { colocate: true } }, steps: [small('s1'), small('s2', 's1_out'), small('s3', 's2_out'), small('s4', 's3_out'), step({ name: 'end', inputs: { s4_out: n }, outputs: { all: n } }, ({ s4_out }) => s4_out)] });

export async function double(x) { await nap(5); return x * 2; }
export const inside = pipeline('inside', { steps: [
  step({ name: 'pmap', outputs: { here: z.array(n), there: z.array(n), error: z.string() } }, async (_, run) => {
    const here = await parallelMap([3, 1, 2], async (x) => { await nap(x * 20); return x; }, { concurrency: 3, signal: run.signal });
    const there = await parallelMap([1, 2, 3, 4], double, { workers: 2, module: import.meta.url });
    const error = await parallelMap([1, 2], (x) => { throw new Error('first ' + x); }).catch((e) => e.message);
    return { here, there, error };
  }),
] });

// The keys of its schema come back from the database in another order.
const made = z.object({ zeros: z.array(z.number()), by: z.string() });
export const repairable = pipeline('repairable', { steps: [
  step({ name: 'costly', outputs: { made } }, (_, run) => ({ by: run.runId, zeros: [0] })),
  step({ name: 'breaks', inputs: { made }, params: { ok: z.boolean().default(false) }, outputs: { kept: z.string() } }, ({ made, ok }) => { if (!ok) throw new Error('not ok'); return made.by; }),
] });
`;

let project: TestProject;
let worker: RunningCommand;
const posted: Record<string, unknown>[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    posted.push(JSON.parse(body));
    response.end('ok');
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project = await makeProject({ 'p.ts': PIPELINES });
  project.env.TEST_WEBHOOK = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  worker = project.start('worker', 'p.ts');
  await worker.until(/serves/);
});
afterAll(async () => {
  server.close();
  await project.remove();
});

/** Starts a run from a bare client and waits for its result. */
async function run(pipeline: string, params: Record<string, unknown> = {}): Promise<RunResult> {
  const handle = await start(pipeline, params);
  return handle.result().catch((error) => {
    const [result] = error.cause?.details ?? [];
    if (!result) throw error;
    return result;
  });
}
async function start(pipeline: string, params: Record<string, unknown> = {}, request: Record<string, unknown> = {}) {
  const { temporal } = await project.session();
  return temporal.client.workflow.start(pipeline, {
    workflowId: `${project.name}-${pipeline}-${Math.random()}`,
    taskQueue: project.name,
    args: [{ params, cache: false, ...request }],
  });
}
const value = (result: RunResult, step: string, output: string) => result.steps[step]?.outputs[output]?.value;

describe('retries', () => {
  it('end at an error that says so, or whose name the step lists', async () => {
    expect((await run('final')).steps.never).toMatchObject({ status: 'failed', attempts: 1, error: { type: 'NonRetryableError' } });
    expect((await run('named')).steps.typed).toMatchObject({ status: 'failed', attempts: 2, error: { type: 'TypeError' } });
  });

  it('wait as long as the error asks for, in place of the backoff', async () => {
    const { steps, durationMs } = await run('later');
    expect(steps.wait).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(durationMs).toBeGreaterThan(300);
    expect(durationMs).toBeLessThan(20_000);
  });

  it('end with the total timeout', async () => {
    const { steps } = await run('limited');
    expect(steps.stubborn).toMatchObject({ status: 'failed', error: { type: 'TotalTimeout', message: expect.stringContaining('2 s') } });
  });

  it('go on from what the attempt before saved', async () => {
    const result = await run('resumes');
    expect(result.steps.count).toMatchObject({ status: 'succeeded', attempts: 3 });
    expect(value(result, 'count', 'from')).toBe(20);
  });
});

describe('failures', () => {
  it('are stood in for by a fallback, which is marked', async () => {
    const result = await run('fallback');
    expect(result.status).toBe('succeeded');
    expect(result.steps.flaky).toMatchObject({
      status: 'succeeded',
      fallback: true,
      attempts: 2,
      error: { type: 'RangeError', message: 'no luck' },
    });
    expect(value(result, 'use', 'c')).toBe(42);
    const { history } = JSON.parse((await project.flowyml('runs', 'show', result.runId, '--json')).stdout);
    expect(history.map(({ step, attempt, status, fallback }: Record<string, unknown>) => ({ step, attempt, status, fallback }))).toEqual([
      { step: 'source', attempt: 1, status: 'succeeded' },
      { step: 'flaky', attempt: 1, status: 'failed' },
      { step: 'flaky', attempt: 2, status: 'failed' },
      { step: 'flaky', attempt: 1, status: 'succeeded', fallback: true },
      { step: 'use', attempt: 1, status: 'succeeded' },
    ]);
  });

  it('with continue let what does not depend on them finish', async () => {
    const result = await run('goes_on');
    expect(result.status).toBe('failed');
    expect(result.steps.needs_bad).toMatchObject({ status: 'skipped', reason: "needs 'bad', which failed" });
    expect(result.steps.needs_that).toMatchObject({ status: 'skipped', reason: "needs 'needs_bad', which was skipped" });
    expect(value(result, 'last', 'z')).toBe(2);
  });
});

describe('conditions', () => {
  it('choose a branch; branches join by optional inputs', async () => {
    const good = await run('branches', { quality: 0.95 });
    expect(good.steps.poor).toMatchObject({ status: 'skipped', reason: 'its condition was not met' });
    expect(value(good, 'join', 'joined')).toBe('trained');
    expect(value(good, 'deploy', 'deployed')).toBe('deployed trained');
    const poor = await run('branches', { quality: 0.5 });
    expect(poor.status).toBe('succeeded');
    expect(value(poor, 'join', 'joined')).toBe('cleaned');
    expect(poor.steps.deploy).toMatchObject({ status: 'skipped', reason: "needs 'good', which was skipped" });
  });
});

describe('maps', () => {
  it('keep the order of 10,000 items, in few events', async () => {
    const handle = await start('numbers', { count: 10_000 });
    const result = (await handle.result()) as RunResult;
    expect(value(result, 'total', 'ordered')).toBe(true);
    expect(value(result, 'total', 'sum')).toBe(333_283_335_000);
    expect(result.steps.square).toMatchObject({ map: { items: 10_000, failed: 0 }, outputs: { squares: { rows: 10_000 } } });
    const { events } = await handle.fetchHistory();
    expect(events?.length).toBeLessThan(500);
  });

  it('work for no items', async () => {
    const result = await run('numbers', { count: 0 });
    expect(value(result, 'total', 'sum')).toBe(0);
  });

  it('retry items one by one, and leave out or fail by those that fail for good', async () => {
    const result = await run('picky');
    expect(result.status).toBe('failed');
    expect(value(result, 'halve', 'halves')).toBeUndefined();
    expect(result.steps.halve).toMatchObject({
      status: 'succeeded',
      map: { items: 6, failed: 1, errors: [{ index: 4, error: { type: 'RangeError', message: 'five' } }] },
    });
    expect(result.steps.strict).toMatchObject({ status: 'failed', error: { type: 'RangeError', message: 'item 4: five' } });
  });

  it('inside a step keep the order, run in processes, and pass on the first error', async () => {
    const result = await run('inside');
    expect(value(result, 'pmap', 'here')).toEqual([3, 1, 2]);
    expect(value(result, 'pmap', 'there')).toEqual([2, 4, 6, 8]);
    expect(value(result, 'pmap', 'error')).toBe('first 1');
  });
});

describe('approvals', () => {
  it('hold the run until somebody approves, and keep who and why', async () => {
    const handle = await start('gated');
    const shown = async () => JSON.parse((await project.flowyml('runs', 'show', handle.workflowId, '--json')).stdout || '{}');
    await until(async () => (await shown()).status === 'waiting', 'the run to wait');
    expect((await shown()).steps.review).toMatchObject({ status: 'waiting', reason: 'for approval: Ship it?' });
    const wrong = await project.flowyml('runs', 'approve', handle.workflowId, 'ship', '--by', 'ann');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("step 'ship' is not an approval") });
    const approved = await project.flowyml('runs', 'approve', handle.workflowId, 'review', '--by', 'ann', '--comment', 'looks good');
    expect(approved).toMatchObject({ code: 0 });
    expect(await handle.result()).toMatchObject({
      status: 'succeeded',
      steps: { review: { approval: { decision: 'approved', by: 'ann', comment: 'looks good' } }, ship: { status: 'succeeded' } },
    });
    const again = await project.flowyml('runs', 'approve', handle.workflowId, 'review', '--by', 'bob');
    expect(again.code).toBe(2);
  });

  it('fail the run when rejected, by signal too', async () => {
    const handle = await start('gated');
    await until(async () => (await handle.query<RunResult, []>('status')).status === 'waiting', 'the run to wait');
    await handle.signal('reject', { step: 'review', by: 'bob', comment: 'no' });
    await expect(handle.result()).rejects.toMatchObject({ cause: { message: expect.stringContaining('rejected by bob: no') } });
  });

  it('take the default when the time is up', async () => {
    expect(await run('hurried')).toMatchObject({
      status: 'succeeded',
      steps: { review: { approval: { decision: 'approved', by: 'timeout' } } },
    });
  });
});

describe('hooks', () => {
  it('run for the occasion that they are for, as steps of their own', async () => {
    const good = await run('hooked', { fail: false });
    expect(value(good, 'rejoice', 'result')).toEqual({ saw: 'succeeded' });
    expect(good.steps.mourn).toMatchObject({ status: 'skipped', reason: 'runs only on failure' });
    const bad = await run('hooked', { fail: true });
    expect(bad).toMatchObject({ status: 'failed' });
    expect(value(bad, 'mourn', 'result')).toEqual({ saw: 'failed', failed: ['work'] });
    expect(posted).toMatchObject([
      { pipeline: 'hooked', status: 'failed', failed: 'work', text: expect.stringContaining('asked to fail') },
    ]);
  });
});

describe('segments', () => {
  it('run the steps of a group as one activity, each committed', async () => {
    const handle = await start('together');
    const result = (await handle.result()) as RunResult;
    expect(value(result, 'end', 'all')).toBe(4);
    expect(Object.values(result.steps).map((s) => [s.status, s.attempts])).toEqual(Array(5).fill(['succeeded', 1]));
    const { events } = await handle.fetchHistory();
    const types = events?.flatMap((e) => e.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
    expect(types).toEqual(['tiny', 'end']);
  });
});

describe('a run', () => {
  it('pauses and resumes', async () => {
    const handle = await start('goes_on');
    await handle.signal('pause');
    await until(async () => (await handle.query<RunResult, []>('status')).status === 'paused', 'the run to pause');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await handle.query<RunResult, []>('status')).steps.last?.status).toBe('pending');
    expect((await project.flowyml('runs', 'resume', handle.workflowId)).code).toBe(0);
    await expect(handle.result()).rejects.toMatchObject({ cause: { details: [{ steps: { last: { status: 'succeeded' } } }] } });
  });

  it('is retried from where it failed, by a new run that takes over what succeeded', async () => {
    const first = await run('repairable');
    expect(first.status).toBe('failed');
    const { stdout, stderr } = await project.flowyml('runs', 'retry', first.runId, '-p', 'ok=true', '--json');
    expect(stdout, stderr).not.toBe('');
    const second = JSON.parse(stdout) as RunResult;
    expect(second.steps.costly).toMatchObject({ status: 'succeeded', reusedFrom: first.runId });
    expect(value(second, 'breaks', 'kept')).toBe(first.runId);
    const forced = JSON.parse(
      (await project.flowyml('runs', 'retry', second.runId, '--force-from', 'costly', '--json')).stdout,
    ) as RunResult;
    expect(value(forced, 'breaks', 'kept')).toBe(forced.runId);
    const unknown = await project.flowyml('runs', 'retry', second.runId, '--force-from', 'cosly');
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("did you mean 'costly'?") });
  });
});
