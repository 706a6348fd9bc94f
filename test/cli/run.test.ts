import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { callMany } from './call-many.ts';
import type { Outcome } from './many.ts';

const PIPELINES = `
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const typed = pipeline('typed', { context: { free: 'context', ratio: 0.5 }, steps: [
  step({ name: 'echo', outputs: { given: z.json() }, params: {
    text: z.string().default('none'), whole: z.number().int().default(0), flag: z.boolean().default(false),
    list: z.array(z.number()).default([]), either: z.union([z.number(), z.string()]).default(''), ratio: z.number() } }, (given) => given),
] });

export const chain = pipeline('chain', { steps: [
  step({ name: 'first', outputs: { a: z.number() } }, () => 1),
  step({ name: 'second', inputs: { a: z.number() }, outputs: { b: z.number() } }, ({ a }) => { console.log('a step says', a); return a + 1; }),
] });

export const fails = pipeline('fails', { steps: [
  step({ name: 'boom' }, () => { throw new RangeError('two lines:\\nthe second'); }),
  step({ name: 'later', after: ['boom'] }, () => {}),
] });

export const waits = pipeline('waits', { steps: [
  step({ name: 'nap' }, async (_, run) => { for (;;) { run.signal.throwIfAborted(); await nap(50); } }),
  step({ name: 'later', after: ['nap'] }, () => {}),
] });

export const stubborn = pipeline('stubborn', { steps: [step({ name: 'deaf' }, () => nap(60_000))] });
`;

const given: [args: string[], value: Record<string, unknown>][] = [
  [[], { text: 'none', whole: 0, flag: false, list: [], ratio: 0.5 }],
  [['-p', 'whole=7', '-p', 'flag=true', '-p', 'list=[1,2]', '-p', 'ratio=0.25'], { whole: 7, flag: true, list: [1, 2], ratio: 0.25 }],
  // Text is text, also where it looks like JSON; a value may hold '='; of two, the last counts.
  [['-p', 'text=5', '-p', 'either=5'], { text: '5', either: 5 }],
  [['-p', 'text={"a":"b=c"}', '-p', 'either=five'], { text: '{"a":"b=c"}', either: 'five' }],
  [['-p', 'text=null', '-p', 'text='], { text: '' }],
  [['--params', 'params.json'], { text: 'file', whole: 3 }],
  [['--params', 'params.yaml', '-p', 'whole=5'], { whole: 5, list: [1, 2] }],
  [['-p', 'free={"any":1}'], {}],
];

let project: TestProject;
/** Of the calls above, one after the other in one process. */
let typed: Outcome[];
let summary: Outcome;
let json: Outcome;
beforeAll(async () => {
  project = await makeProject({
    'p.ts': PIPELINES,
    'params.json': '{ "whole": 3, "text": "file" }',
    'params.yaml': '# by hand\nwhole: 4\nlist: [1, 2]\n',
  });
  await project.start('worker', 'p.ts').until(/ serves /, 60_000);
  const calls = [
    ['run', 'p.ts#chain', '--no-cache'],
    ['run', 'p.ts#chain', '--no-cache', '--json', '--tag', 'nightly', '--experiment', 'e1'],
    ...given.map(([args]) => ['run', 'p.ts#typed', '--no-cache', '--json', ...args]),
  ];
  [summary, json, ...typed] = (await callMany(
    calls.map((args) => ({ args })),
    project,
  )) as [Outcome, Outcome, ...Outcome[]];
});
afterAll(() => project.remove());

const resultOf = ({ stdout, stderr }: Outcome | { stdout: string; stderr: string }): RunResult => {
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as RunResult;
};

describe('params', () => {
  it.each(given.map(([args, value], i) => ({ args, value, i })))('$args', ({ value, i }) => {
    const outcome = typed[i] as Outcome;
    expect(resultOf(outcome).steps.echo?.outputs.given?.value).toMatchObject(value);
    expect(outcome.code).toBe(0);
  });
});

describe('flowyml run', () => {
  it('prints the summary on stdout, and how it goes on stderr', () => {
    const { code, stdout, stderr } = summary;
    expect(code).toBe(0);
    const [id] = /chain-\w+/.exec(stdout) ?? [];
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^Run chain-\w+ of chain \(version \w+, stack local\): succeeded in [\d.]+m?s$/),
      expect.stringMatching(/^ {2}first {3}succeeded {2}[\d.]+m?s {2}a: 1$/),
      expect.stringMatching(/^ {2}second {2}succeeded {2}[\d.]+m?s {2}b: 2$/),
    ]);
    expect(stderr.split('\n')[0]).toMatch(new RegExp(`^Run ${id}`));
    for (const step of ['first', 'second']) expect(stderr).toMatch(new RegExp(`^chain {2}${step} {2}succeeded {2}`, 'm'));
    expect(stderr).not.toContain('a step says');
  });

  it('--json prints the RunResult, and nothing else on stdout', () => {
    expect(json.code).toBe(0);
    expect(resultOf(json)).toEqual({
      runId: expect.stringMatching(/^chain-\w{10}$/),
      pipeline: 'chain',
      version: expect.any(String),
      project: project.name,
      stack: 'local',
      status: 'succeeded',
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      durationMs: expect.any(Number),
      steps: {
        first: expect.objectContaining({
          status: 'succeeded',
          attempts: 1,
          durationMs: expect.any(Number),
          stack: 'local',
          outputs: {
            a: expect.objectContaining({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), type: 'json', size: 1, value: 1, preview: '1' }),
          },
        }),
        second: expect.objectContaining({ status: 'succeeded', outputs: { b: expect.objectContaining({ value: 2 }) } }),
      },
    });
  });

  it('of a run that fails ends with 1, and says what failed and where its log is', async () => {
    const { code, stdout, stderr } = await project.flowyml('run', 'p.ts#fails');
    const [id] = /fails-\w+/.exec(stdout) ?? [];
    expect(code).toBe(1);
    expect(stdout).toContain(
      `Step 'boom' failed after 1 attempt: RangeError: two lines:\n  the second\nIts log: flowyml runs logs ${id} boom`,
    );
    expect(stdout).toMatch(/^ {2}later {2}skipped {4}needs 'boom', which failed$/m);
    expect(stderr).toMatch(/^fails {2}boom {2}failed {2}.*RangeError: two lines:$/m);
    expect(stdout + stderr).not.toMatch(/^ +at /m);
  });

  it('with an id that is there already gives that run, or says of which pipeline it is', async () => {
    const [first, second, other] = (await callMany(
      [
        { args: ['run', 'p.ts#typed', '--id', `${project.name}-one`, '-p', 'whole=1', '--json'] },
        { args: ['run', 'p.ts#typed', '--id', `${project.name}-one`, '-p', 'whole=2', '--json'] },
        { args: ['run', 'p.ts#chain', '--id', `${project.name}-one`, '--json'] },
      ],
      project,
    )) as [Outcome, Outcome, Outcome];
    expect(resultOf(first).steps.echo?.outputs.given?.value).toMatchObject({ whole: 1 });
    expect({ ...resultOf(second), durationMs: 0 }).toMatchObject({ ...resultOf(first), durationMs: 0 });
    expect(second.stderr).toContain(`Run ${project.name}-one exists already (succeeded): this is its result; its params are its own.`);
    expect(other).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining("that run is one of pipeline 'typed'") });
  });

  it('is cancelled by Ctrl-C, and waits for it; the same id follows it from elsewhere', async () => {
    const id = `${project.name}-waits`;
    const running = project.start('run', 'p.ts#waits', '--id', id, '--json');
    await running.until(/^waits {2}nap {2}running/m);
    const following = project.start('run', 'p.ts#waits', '--id', id, '--json');
    await following.until(/exists already \(running\): following it/);
    await following.until(/^waits {2}nap {2}running/m);
    running.child.kill('SIGINT');
    for (const { code, stdout, stderr } of await Promise.all([running.ended, following.ended])) {
      expect(code, stderr).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        runId: id,
        status: 'cancelled',
        steps: { nap: { status: 'cancelled' }, later: { status: 'cancelled', attempts: 0 } },
      });
    }
    expect(running.output()).toContain('Cancelling the run (again: leave at once)');
  });

  it('is left at once by a second Ctrl-C', async () => {
    const running = project.start('run', 'p.ts#stubborn');
    await running.until(/^stubborn {2}deaf {2}running/m);
    running.child.kill('SIGINT');
    await running.until(/Cancelling/);
    // One that follows at once is the same Ctrl-C: a terminal and a parent both pass it on.
    running.child.kill('SIGINT');
    await wait(700);
    expect(running.child.exitCode).toBeNull();
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
  });
});
