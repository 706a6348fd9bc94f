import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type TestProject } from '../support/project.ts';

// What happens to steps that go wrong: through the command, on real services.
const PIPELINES = `
import { existsSync, writeFileSync } from 'node:fs';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const out = { value: z.number() };

export const two = pipeline('two', { steps: [
  step({ name: 'left' }, () => nap(1000)),
  step({ name: 'right' }, () => nap(1000)),
] });

export const slow = pipeline('slow', { steps: [step({ name: 'sleepy', timeout: '1 second' }, () => nap(4000))] });

export const busy = pipeline('busy', { steps: [
  step({ name: 'blocker', timeout: '1 second' }, () => { for (;;); }),
] });

export const throws = pipeline('throws', { steps: [
  step({ name: 'fine', outputs: { a: z.number() } }, () => 1),
  step({ name: 'bad', inputs: { a: z.number() }, outputs: { b: z.number() } }, () => { console.log('about to fail'); throw new TypeError('no such column'); }),
  step({ name: 'after', inputs: { b: z.number() } }, () => {}),
] });

export const breaks = pipeline('breaks', { steps: [step({ name: 'wrong', outputs: { value: z.object({ weight: z.number() }) } }, () => ({ weight: 'heavy' }))] });

export const exits = pipeline('exits', { steps: [step({ name: 'quitter' }, () => process.exit(3))] });

export const hungry = pipeline('hungry', { steps: [
  step({ name: 'eater', resources: { memory: '300Mi' } }, async () => { const all = []; for (;;) { all.push(Buffer.alloc(20 * 2 ** 20, 1)); await nap(20); } }),
] });

export const flaky = pipeline('flaky', { steps: [
  step({ name: 'third', outputs: out, params: { marks: z.string() }, retry: { maxAttempts: 3, initialInterval: 50 } }, ({ marks }, run) => {
    console.log('attempt', run.attempt);
    if (run.attempt < 3) throw new Error('not yet');
    return run.attempt;
  }),
] });
`;

let project: TestProject;
beforeAll(async () => {
  project = await makeProject({ 'p.ts': PIPELINES });
  // One worker for all, as a user would have it.
  await project.start('worker', 'p.ts').until(/serves/);
});
afterAll(() => project.remove());

async function run(name: string, ...args: string[]): Promise<{ code: number | null; stderr: string; result: RunResult }> {
  const { code, stdout, stderr } = await project.flowyml('run', `p.ts#${name}`, '--json', ...args);
  if (!stdout) throw new Error(stderr);
  return { code, stderr, result: JSON.parse(stdout) as RunResult };
}

describe('steps', () => {
  it('run at the same time when none needs the other', async () => {
    const { code, result } = await run('two');
    expect(code).toBe(0);
    expect(result.durationMs).toBeGreaterThanOrEqual(1000);
    // One after the other they would take at least as long as both together.
    const each = Object.values(result.steps).map((step) => step.durationMs);
    expect(result.durationMs).toBeLessThan(each.reduce((sum, ms) => sum + ms, 0));
  });

  it.each(['slow', 'busy'])('end at their timeout (%s)', async (name) => {
    const { code, result } = await run(name);
    const [step] = Object.values(result.steps);
    expect(code).toBe(1);
    expect(step).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { type: 'StepTimeout', message: expect.stringContaining('timeout of 1 s') },
    });
    expect(step?.durationMs).toBeGreaterThan(900);
    expect(step?.durationMs).toBeLessThan(3000);
  });

  it('that throw fail the run, and what needs them is skipped with the reason', async () => {
    const { code, stderr, result } = await run('throws');
    expect(code).toBe(1);
    expect(result.status).toBe('failed');
    expect(result.steps.fine?.status).toBe('succeeded');
    expect(result.steps.bad).toMatchObject({ status: 'failed', attempts: 1, error: { type: 'TypeError', message: 'no such column' } });
    expect(result.steps.after).toMatchObject({ status: 'skipped', reason: "needs 'bad', which failed" });
    expect(stderr).not.toContain('    at ');
    const logs = await project.flowyml('runs', 'logs', result.runId, 'bad');
    expect(logs.stdout).toContain('about to fail');
    expect(logs.stdout).toMatch(/TypeError: no such column[\s\S]*p\.ts:\d+/);
    const show = await project.flowyml('runs', 'show', result.runId);
    expect(show.stdout).toContain(`flowyml runs logs ${result.runId} bad`);
  });

  it('whose output breaks its schema fail with the output and the place in it', async () => {
    const { result } = await run('breaks');
    expect(result.steps.wrong?.error?.type).toBe('OutputInvalid');
    expect(result.steps.wrong?.error?.message).toMatch(/output 'value'.*weight.*number/);
  });

  it('that end their process fail one attempt and leave no folder behind', async () => {
    const { result } = await run('exits');
    expect(result.steps.quitter).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { type: 'StepProcessDied', message: expect.stringContaining('exit code 3') },
    });
    expect(readdirSync(project.env.TMPDIR ?? '').filter((name) => name.startsWith('flowyml-step-'))).toEqual([]);
  });

  it('over their memory are ended, and say so', async () => {
    const { result } = await run('hungry');
    expect(result.steps.eater).toMatchObject({
      status: 'failed',
      error: { type: 'MemoryExceeded', message: expect.stringContaining('300 MiB') },
    });
  });

  it('are tried again as often as they say; each attempt keeps its log', async () => {
    const { code, result } = await run('flaky', '-p', 'marks=x');
    expect(code).toBe(0);
    expect(result.steps.third).toMatchObject({ status: 'succeeded', attempts: 3, outputs: { value: { value: 3 } } });
    const second = await project.flowyml('runs', 'logs', result.runId, 'third', '--attempt', '2');
    expect(second.stdout).toContain('attempt 2');
    expect(second.stdout).toContain('not yet');
    expect(second.stdout).not.toContain('attempt 1');
    const shown = JSON.parse((await project.flowyml('runs', 'show', result.runId, '--json')).stdout);
    expect(shown.history.map((h: { status: string }) => h.status)).toEqual(['failed', 'failed', 'succeeded']);
  });
});
