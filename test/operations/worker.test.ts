import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, type RunningCommand, type TestProject, until } from '../support/project.ts';

// What an operator sees of a worker: its log, its metrics, its health, and how it ends.
const PIPELINES = `
import { existsSync, writeFileSync } from 'node:fs';
import { mapStep, pipeline, step } from 'flowyml';
import { z } from 'zod';

const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const load = step({ name: 'load', params: { password: z.string() }, outputs: { n: z.number() } }, (_, run) => {
  console.log('printed line');
  run.log.warn('logged line');
  return 1;
});
export const sound = pipeline('sound', { steps: [load] });
export const flaky = pipeline('flaky', { steps: [
  step({ name: 'trips', retry: { maxAttempts: 2, initialInterval: 10 } }, (_, run) => { throw new TypeError('trip ' + run.attempt); }),
] });
export const mapped = pipeline('mapped', { steps: [
  step({ name: 'list', outputs: { items: z.array(z.number()) } }, () => [1, 2, 3]),
  mapStep({ name: 'double', items: 'items', item: z.number(), outputs: { doubles: z.number() }, batchSize: 2 }, ({ item }) => 2 * item),
  step({ name: 'left_out', when: () => false }, () => {}),
] });
export const long = pipeline('long', { steps: [
  step({ name: 'waits', params: { open: z.string(), began: z.string() } }, async ({ open, began }) => {
    writeFileSync(began, '');
    while (!existsSync(open)) await nap(50);
  }),
] });
`;

let project: TestProject;
let worker: RunningCommand;
let metricsUrl: string;
let healthUrl: string;
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': PIPELINES });
  worker = project.start(
    ...['worker', '--log-format', 'json', '--log-steps', '--metrics-port', '0', '--health-port', '0', '--bind', '127.0.0.1'],
  );
  const said = await worker.until(/ serves /);
  metricsUrl = /Metrics: (\S+)"/.exec(said)?.[1] ?? '';
  healthUrl = /Health: (\S+)\/healthz/.exec(said)?.[1] ?? '';
});
afterAll(() => project.remove());

interface Line extends Record<string, unknown> {
  msg: string;
}
const lines = () =>
  worker
    .output()
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line));
const metrics = async () => (await fetch(metricsUrl)).text();
const health = async (path: string) => {
  const response = await fetch(`${healthUrl}${path}`);
  return { code: response.status, ...((await response.json()) as { status: string; problems: string[] }) };
};
/** The value of a metric's line that has all these labels. */
function sample(text: string, name: string, labels: Record<string, string>): number | undefined {
  const wanted = Object.entries({ ...labels, project: project.name }).map(([label, value]) => `${label}="${value}"`);
  const line = text.split('\n').find((each) => each.startsWith(`${name}{`) && wanted.every((label) => each.includes(label)));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

describe('a worker', () => {
  it('logs one JSON object a line, with names and never the value of a param', async () => {
    const run = ['run', 'pipelines/p.ts#sound', '-p', 'password=hunter2', '--json'];
    const { stdout } = await project.flowyml(...run);
    const { runId } = JSON.parse(stdout);
    await until(() => lines().some(({ run, msg }) => run === runId && msg === 'run succeeded'), 'the end of the run', 5000, worker.output);
    const [served] = lines().filter(({ msg }) => msg.includes(' serves '));
    expect(served).toMatchObject({ level: 'info', project: project.name, worker: expect.stringContaining(`:${worker.child.pid}:`) });
    expect(served?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const of = lines().filter(({ run }) => run === runId);
    const place = { run: runId, pipeline: 'sound', worker: served?.worker };
    const attempt = { ...place, step: 'load', attempt: 1, queue: project.name };
    expect(of).toEqual([
      expect.objectContaining({ ...place, level: 'info', msg: 'run planned', params: ['password'], steps: 1, cached: 0 }),
      expect.objectContaining({ ...attempt, level: 'info', msg: 'attempt started', waitedMs: expect.any(Number) }),
      expect.objectContaining({ ...attempt, level: 'info', msg: 'printed line', source: 'step' }),
      expect.objectContaining({ ...attempt, level: 'warn', msg: 'logged line', source: 'step' }),
      expect.objectContaining({ ...attempt, level: 'info', msg: 'attempt succeeded', status: 'succeeded', durationMs: expect.any(Number) }),
      expect.objectContaining({ ...place, step: 'load', level: 'info', msg: 'step succeeded', status: 'succeeded' }),
      expect.objectContaining({ ...place, level: 'info', msg: 'run succeeded', status: 'succeeded' }),
    ]);
    expect(worker.output()).not.toContain('hunter2');
    // The second time the cache answers.
    const again = JSON.parse((await project.flowyml(...run)).stdout).runId;
    await until(() => lines().some(({ run, msg }) => run === again && msg === 'run succeeded'), 'the second end', 5000, worker.output);
    const told = lines().filter(({ run }) => run === again);
    expect(told.map(({ msg }) => msg)).toEqual(['step cached', 'run planned', 'run succeeded']);
    expect(told[1]).toMatchObject({ cached: 1 });
  });

  it('says what failed, and why', async () => {
    const { code, stdout } = await project.flowyml('run', 'pipelines/p.ts#flaky', '--json');
    expect(code).toBe(1);
    const { runId } = JSON.parse(stdout);
    await until(() => lines().some(({ run, msg }) => run === runId && msg === 'run failed'), 'the end of the run', 5000, worker.output);
    const attempts = lines().filter(({ run, msg }) => run === runId && /^attempt (?!started)/.test(msg));
    expect(attempts).toMatchObject([
      {
        level: 'warn',
        msg: 'attempt failed and is retried',
        attempt: 1,
        status: 'retried',
        error: { type: 'TypeError', message: 'trip 1' },
      },
      { level: 'error', msg: 'attempt failed', attempt: 2, status: 'failed', error: { type: 'TypeError', message: 'trip 2' } },
    ]);
    expect(lines().find(({ run, msg }) => run === runId && msg === 'run failed')).toMatchObject({
      level: 'error',
      error: { type: 'TypeError' },
    });
  });

  it('says what a map, a condition and a request that does not fit come to', async () => {
    const { code, stdout, stderr } = await project.flowyml('run', 'pipelines/p.ts#mapped', '--json');
    expect(code, stderr).toBe(0);
    const { runId } = JSON.parse(stdout);
    await until(() => lines().some(({ run, msg }) => run === runId && msg === 'run succeeded'), 'the end of the run', 5000, worker.output);
    const ofStep = (name: string) => lines().filter(({ run, step }) => run === runId && step === name);
    const batches = ofStep('double').filter(({ msg }) => msg === 'attempt succeeded');
    expect(batches.map(({ batch }) => batch).sort()).toEqual([0, 1]);
    expect(ofStep('double').filter(({ msg }) => msg.startsWith('step '))).toMatchObject([{ msg: 'step succeeded' }]);
    expect(ofStep('left_out').at(-1)).toMatchObject({ msg: 'step skipped', reason: 'its condition was not met' });

    const { temporal } = await project.session();
    const args = [{ params: { password: 'hunter2', wrong: 'hunter3' } }];
    const workflowId = `${project.name}-refused`;
    await expect(temporal.client.workflow.execute('sound', { workflowId, taskQueue: project.name, args })).rejects.toThrow();
    await until(() => lines().some(({ run }) => run === workflowId), 'the refusal', 5000, worker.output);
    expect(lines().find(({ run }) => run === workflowId)).toMatchObject({ level: 'warn', msg: 'run refused', pipeline: 'sound' });
    expect(worker.output()).not.toMatch(/hunter/);
  });

  it("exports Temporal's metrics and ours, and none of them has a value for each run", async () => {
    const text = await metrics();
    const sound = { pipeline: 'sound', step: 'load' };
    const flaky = { pipeline: 'flaky', step: 'trips' };
    expect(sample(text, 'flowyml_runs_total', { pipeline: 'sound', status: 'succeeded' })).toBe(2);
    expect(sample(text, 'flowyml_runs_total', { pipeline: 'flaky', status: 'failed' })).toBe(1);
    expect(sample(text, 'flowyml_steps_total', { ...sound, status: 'succeeded' })).toBe(1);
    expect(sample(text, 'flowyml_steps_total', { ...sound, status: 'cached' })).toBe(1);
    expect(sample(text, 'flowyml_steps_total', { ...flaky, status: 'failed' })).toBe(1);
    expect(sample(text, 'flowyml_steps_total', { pipeline: 'mapped', step: 'double', status: 'succeeded' })).toBe(1);
    expect(sample(text, 'flowyml_steps_total', { pipeline: 'mapped', step: 'left_out', status: 'skipped' })).toBe(1);
    expect(sample(text, 'flowyml_step_attempts_total', { pipeline: 'mapped', step: 'double', outcome: 'succeeded' })).toBe(2);
    expect(sample(text, 'flowyml_step_attempts_total', { ...flaky, outcome: 'retried' })).toBe(1);
    expect(sample(text, 'flowyml_step_attempts_total', { ...flaky, outcome: 'failed' })).toBe(1);
    expect(sample(text, 'flowyml_cache_lookups_total', { ...sound, result: 'miss' })).toBe(1);
    expect(sample(text, 'flowyml_cache_lookups_total', { ...sound, result: 'hit' })).toBe(1);
    expect(sample(text, 'flowyml_step_duration_seconds_count', flaky)).toBe(2);
    expect(sample(text, 'flowyml_step_queue_wait_seconds_count', sound)).toBe(1);
    expect(sample(text, 'flowyml_step_queue_wait_seconds_bucket', { ...sound, le: '86400' })).toBe(1);
    expect(sample(text, 'flowyml_step_processes', { state: 'busy' })).toBe(0);
    for (const name of ['workflow_task_execution_latency_count', 'worker_task_slots_available', 'sticky_cache_size'])
      expect(text).toContain(`\ntemporal_${name}{`);
    expect(text).not.toMatch(/(?:sound|flaky)-[2-9a-z]{10}/);
  });

  it('refuses a port that is taken', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      for (const option of ['--health-port', '--metrics-port']) {
        const { code, stderr } = await project.flowyml('worker', option, String(port), '--bind', '127.0.0.1');
        expect(stderr).toBe(
          `flowyml: ${option}: port ${port} of 127.0.0.1 is taken by another process: choose another one, or 0 for any that is free\n`,
        );
        expect(code).toBe(2);
      }
    } finally {
      other.close();
    }
  });

  it('ends its step when it is told to stop, and says so meanwhile', async () => {
    expect(await health('/healthz')).toMatchObject({ code: 200, status: 'ready' });
    expect(await health('/readyz')).toEqual({ code: 200, status: 'ready', problems: [] });
    expect((await fetch(`${healthUrl}/elsewhere`)).status).toBe(404);
    const [open, began] = [join(project.root, 'open'), join(project.root, 'began')];
    // Another process's command: the worker alone serves it.
    const run = project.start('run', 'pipelines/p.ts#long', '-p', `open=${open}`, '-p', `began=${began}`, '--json');
    await until(async () => sample(await metrics(), 'flowyml_step_processes', { state: 'busy' }) === 1, 'the step to run');
    worker.child.kill('SIGTERM');
    await worker.until(/no new work is taken/);
    expect(await health('/readyz')).toMatchObject({ code: 503, status: 'draining', problems: [expect.stringContaining('no new work')] });
    expect(await health('/healthz')).toMatchObject({ code: 200, status: 'draining' });
    project.write('open', '');
    const { code } = await worker.ended;
    expect(code).toBe(0);
    const ends = lines().filter(({ step }) => step === 'waits');
    expect(ends.map(({ msg }) => msg)).toEqual(['attempt started', 'attempt succeeded', 'step succeeded']);
    expect(lines().at(-1)).toMatchObject({ msg: 'worker stopped' });
    // What the step did was kept: the run, which goes on elsewhere, does not do it again.
    const ended = await run.ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ status: 'succeeded', steps: { waits: { attempts: 1 } } });
  });
});
