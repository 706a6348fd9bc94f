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
/** What was asked of the runs that had ended, one call after the other in one process. */
let asked: Record<string, Outcome>;
beforeAll(async () => {
  project = await makeProject({ 'p.ts': PIPELINES });
  await project.start('worker', 'p.ts').until(/ serves /, 60_000);
  const calls = {
    first: ['run', 'p.ts#noisy', '--id', noisy(), '--no-cache'],
    second: ['run', 'p.ts#noisy', '--id', `${project.name}-second`, '--no-cache'],
    list: ['runs', 'list'],
    listJson: ['runs', 'list', '--json'],
    listOne: ['runs', 'list', '--limit', '1', '--status', 'succeeded', '--pipeline', 'noisy', '--json'],
    listNone: ['runs', 'list', '--pipeline', 'ticks'],
    show: ['runs', 'show', noisy()],
    showJson: ['runs', 'show', noisy(), '--json'],
    logs: ['runs', 'logs', noisy()],
    logsOfAttempt: ['runs', 'logs', noisy(), 'loud', '--attempt', '2'],
    logsJson: ['runs', 'logs', noisy(), 'quiet', '--json'],
    logsOfNone: ['runs', 'logs', noisy(), 'qiet'],
  };
  const outcomes = await callMany(
    Object.values(calls).map((args) => ({ args })),
    project,
  );
  asked = Object.fromEntries(Object.keys(calls).map((name, i) => [name, outcomes[i] as Outcome]));
});
afterAll(() => project.remove());

const stdout = (name: string) => asked[name]?.stdout ?? '';

describe('flowyml runs', () => {
  it('list gives the newest first, as a table and as an array of RunResults without steps', () => {
    const lines = stdout('list').trim().split('\n');
    expect(lines[0]).toMatch(/^RUN +PIPELINE +STATUS +STARTED +TIME$/);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      [`${project.name}-second`, 'noisy', 'succeeded'],
      [noisy(), 'noisy', 'succeeded'],
    ]);
    const list = JSON.parse(stdout('listJson')) as RunResult[];
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
    expect(JSON.parse(stdout('listOne'))).toHaveLength(1);
    expect(stdout('listNone')).toBe('No runs.\n');
  });

  it('show gives the steps, every attempt, and what was measured', () => {
    const shown = stdout('show');
    expect(shown).toMatch(/^ {2}loud {3}succeeded {2}.* {2}2 attempts {2}n: 2$/m);
    expect(shown).toMatch(/^loud +1 +failed .*Error: not yet$/m);
    expect(shown).toMatch(/^loud +2 +succeeded /m);
    expect(shown).toMatch(/^loud +loss +0\.5 +2$/m);
    expect(JSON.parse(stdout('showJson'))).toMatchObject({
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

  it('logs gives what each attempt printed and logged', () => {
    const all = stdout('logs');
    expect(all).toMatch(/^[\d:.]{12} loud#1 stdout to stdout 1$/m);
    expect(all).toMatch(/^[\d:.]{12} loud#1 stderr to stderr$/m);
    expect(all).toMatch(/^[\d:.]{12} loud#1 warn {3}to the log$/m);
    expect(all).toMatch(/loud#1 error +Error: not yet/);
    expect(all).toContain('quiet speaks');
    expect(stdout('logsOfAttempt')).toContain('to stdout 2');
    expect(stdout('logsOfAttempt')).not.toMatch(/loud#1|quiet/);
    expect(
      stdout('logsJson')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ at: expect.any(String), step: 'quiet', attempt: 1, stream: 'stdout', level: 'info', text: 'quiet speaks' }]);
    expect(asked.logsOfNone).toMatchObject({ code: 2, stderr: expect.stringContaining("has no step 'qiet'; did you mean 'quiet'?") });
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
      const cancelled = await project.flowyml('runs', 'cancel', id());
      expect(cancelled).toMatchObject({ code: 0, stdout: `Run ${id()} was asked to cancel.\n` });
      const followed = await following.ended;
      expect(followed).toMatchObject({ code: 0, stderr: '' });
      const seen = [...followed.stdout.matchAll(/tick (\d+)$/gm)].map(([, n]) => Number(n));
      expect(seen).toEqual(seen.map((_, i) => i));
      expect((await running.ended).code).toBe(1);
      const again = await project.flowyml('runs', 'cancel', id());
      expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('has ended already') });
    });
  });

  it('ends quietly when the reader has seen enough', async () => {
    const { env, root } = project;
    const flowyml = `"${process.execPath}" "${fileURLToPath(new URL('../../bin/flowyml.mjs', import.meta.url))}"`;
    const script = `${flowyml} runs logs ${noisy()} | true; ${flowyml} runs show ${noisy()} --json | head -1; ${flowyml} runs list 2>&1 | true`;
    const shell = spawn('bash', ['-o', 'pipefail', '-ec', script], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err, code] = await Promise.all([
      text(shell.stdout),
      text(shell.stderr),
      new Promise((resolve) => shell.once('exit', resolve)),
    ]);
    expect({ out, err, code }).toEqual({ out: '{\n', err: '', code: 0 });
  });
});
