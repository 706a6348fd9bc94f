import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type RunningCommand, type TestProject } from '../support/project.ts';
import { callMany } from './call-many.ts';
import type { Outcome } from './many.ts';

const PIPELINES = `
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const noisy = pipeline('noisy', { steps: [
  step({ name: 'loud', outputs: { n: z.number() }, retry: { maxAttempts: 2, initialInterval: 20 } }, (_, run) => {
    console.log('to stdout', run.attempt);
    console.error('to stderr');
    run.log.warn('to the log');
    run.metric('loss', 0.5, { step: run.attempt });
    if (run.attempt === 1) throw new Error('not yet');
    return run.attempt;
  }),
  step({ name: 'quiet', inputs: { n: z.number() } }, () => { console.log('quiet speaks'); }),
] });

export const ticks = pipeline('ticks', { steps: [
  step({ name: 'ticker' }, async (_, run) => { for (let i = 0; i < 4000; i++) { console.log('tick', i); run.signal.throwIfAborted(); await nap(100); } }),
] });
`;

const noisy = () => `${project.name}-noisy`;
let project: TestProject;
beforeAll(async () => {
  project = await makeProject({ 'p.ts': PIPELINES });
  await project.start('worker', 'p.ts').until(/ serves /);
  await callMany(
    [
      { args: ['run', 'p.ts#noisy', '--id', `${project.name}-noisy`, '--no-cache'] },
      { args: ['run', 'p.ts#noisy', '--id', `${project.name}-second`, '--no-cache'] },
    ],
    project,
  );
});
afterAll(() => project.remove());

const runs = (...calls: string[][]) =>
  callMany(
    calls.map((args) => ({ args: ['runs', ...args] })),
    project,
  ) as Promise<[Outcome, ...Outcome[]]>;

describe('flowyml runs', () => {
  it('list gives the newest first, as a table and as an array of RunResults without steps', async () => {
    const [table, json, one, none] = await runs(
      ['list'],
      ['list', '--json'],
      ['list', '--limit', '1', '--status', 'succeeded', '--pipeline', 'noisy', '--json'],
      ['list', '--pipeline', 'ticks'],
    );
    const lines = table.stdout.trim().split('\n');
    expect(lines[0]).toMatch(/^RUN +PIPELINE +STATUS +STARTED +TIME$/);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      [`${project.name}-second`, 'noisy', 'succeeded'],
      [noisy(), 'noisy', 'succeeded'],
    ]);
    const list = JSON.parse(json?.stdout ?? '') as RunResult[];
    expect(list.map(({ runId }) => runId)).toEqual([`${project.name}-second`, noisy()]);
    expect(list[0]).toEqual({
      runId: `${project.name}-second`,
      pipeline: 'noisy',
      version: expect.any(String),
      project: project.name,
      stack: 'local',
      status: 'succeeded',
      startedAt: expect.any(String),
      durationMs: expect.any(Number),
    });
    expect(JSON.parse(one?.stdout ?? '')).toHaveLength(1);
    expect(none?.stdout).toBe('No runs.\n');
  });

  it('show gives the steps, every attempt, and what was measured', async () => {
    const [shown, json] = await runs(['show', noisy()], ['show', noisy(), '--json']);
    expect(shown.stdout).toMatch(/^ {2}loud {3}succeeded {2}.* {2}2 attempts {2}n: 2$/m);
    expect(shown.stdout).toMatch(/^loud +1 +failed .*Error: not yet$/m);
    expect(shown.stdout).toMatch(/^loud +2 +succeeded /m);
    expect(shown.stdout).toMatch(/^loud +loss +0\.5 +2$/m);
    expect(JSON.parse(json?.stdout ?? '')).toMatchObject({
      runId: noisy(),
      status: 'succeeded',
      steps: { loud: { attempts: 2, outputs: { n: { value: 2 } } } },
      history: [
        { step: 'loud', attempt: 1, status: 'failed', error: { type: 'Error', message: 'not yet' } },
        { step: 'loud', attempt: 2, status: 'succeeded' },
        { step: 'quiet', attempt: 1, status: 'succeeded' },
      ],
    });
  });

  it('logs gives what each attempt printed and logged', async () => {
    const [all, second, json, unknown] = await runs(
      ['logs', noisy()],
      ['logs', noisy(), 'loud', '--attempt', '2'],
      ['logs', noisy(), 'quiet', '--json'],
      ['logs', noisy(), 'qiet'],
    );
    expect(all.stdout).toMatch(/^[\d:.]{12} loud#1 stdout to stdout 1$/m);
    expect(all.stdout).toMatch(/^[\d:.]{12} loud#1 stderr to stderr$/m);
    expect(all.stdout).toMatch(/^[\d:.]{12} loud#1 warn {3}to the log$/m);
    expect(all.stdout).toMatch(/loud#1 error +Error: not yet/);
    expect(all.stdout).toContain('quiet speaks');
    expect(second?.stdout).toContain('to stdout 2');
    expect(second?.stdout).not.toMatch(/loud#1|quiet/);
    expect(
      json?.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ at: expect.any(String), step: 'quiet', attempt: 1, stream: 'stdout', level: 'info', text: 'quiet speaks' }]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("has no step 'qiet'; did you mean 'quiet'?") });
  });

  describe('of a run that goes on', () => {
    const id = () => `${project.name}-ticks`;
    let running: RunningCommand;
    beforeAll(async () => {
      running = project.start('run', 'p.ts#ticks', '--id', id());
      // Before it is known to the database: logs -f waits for its steps.
      const early = project.start('runs', 'logs', '-f', id());
      await running.until(/ticker {2}running/);
      await Promise.race([early.until(/tick 3\b/), early.ended]);
      early.child.kill();
    });

    it('logs -f follows it until its end', async () => {
      const following = project.start('runs', 'logs', '-f', id());
      await following.until(/ticker#1 stdout tick 0\n[\s\S]*tick 12\n/);
      const [cancelled] = await runs(['cancel', id()]);
      expect(cancelled).toMatchObject({ code: 0, stdout: `Run ${id()} was asked to cancel.\n` });
      const { code, stdout, stderr } = await following.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const seen = [...stdout.matchAll(/tick (\d+)$/gm)].map(([, n]) => Number(n));
      expect(seen).toEqual(seen.map((_, i) => i));
      expect((await running.ended).code).toBe(1);
      const [again] = await runs(['cancel', id()]);
      expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('has ended already') });
    });
  });

  it('ends quietly when the reader has seen enough', async () => {
    const { env, root } = project;
    const flowyml = `"${process.execPath}" "${fileURLToPath(new URL('../../bin/flowyml.mjs', import.meta.url))}"`;
    const script = `${flowyml} runs logs ${noisy()} | true; ${flowyml} runs show ${noisy()} --json | head -1; ${flowyml} runs list 2>&1 | true`;
    const shell = spawn('bash', ['-o', 'pipefail', '-ec', script], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr, code] = await Promise.all([
      text(shell.stdout),
      text(shell.stderr),
      new Promise((resolve) => shell.once('exit', resolve)),
    ]);
    expect({ stdout, stderr, code }).toEqual({ stdout: '{\n', stderr: '', code: 0 });
  });
});
