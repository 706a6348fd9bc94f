import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeRun } from '../../client/describe-run.ts';
import type { Session } from '../../client/session.ts';
import { findRun } from '../../metadata/index.ts';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type RunningCommand, type TestProject, until } from '../support/project.ts';

// How much of a group runs at once, over two worker processes: each step notes its start and its end in one file.
const PIPELINES = `
import { appendFileSync, existsSync } from 'node:fs';
import { mapStep, pipeline, step } from 'flowyml';
import { z } from 'zod';

const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const note = (group, what) => appendFileSync(new URL('../ledger-' + group, import.meta.url), what + ' ' + process.ppid + '\\n');
async function busy(group, ms) { note(group, 'start'); await nap(ms); note(group, 'end'); }
const n = z.number();

export const alone = pipeline('alone', { cache: false, groups: { one: { maxConcurrent: 1 } }, steps: [step({ name: 'train', group: 'one' }, () => busy('one', 150))] });

export const held = pipeline('held', { cache: false, groups: { long: { maxConcurrent: 1 } }, steps: [
  step({ name: 'train', group: 'long' }, async (_, run) => { note('long', 'start ' + run.runId); while (run.attempt === 1 && !existsSync('gate')) await nap(50); note('long', 'end ' + run.runId); }),
] });

export const twins = pipeline('twins', { cache: false, groups: { two: { maxConcurrent: 4 } }, steps: [
  step({ name: 'list', outputs: { numbers: z.array(n) } }, () => [1, 2, 3, 4, 5, 6, 7, 8]),
  mapStep({ name: 'work', group: 'two', items: 'numbers', item: n, outputs: { doubled: n }, batchSize: 1, concurrency: 8, onItemError: 'fail' }, async ({ item }) => { await busy('two', 100); return 2 * item; }),
] });

export const joined = pipeline('joined', { cache: false, groups: { seg: { maxConcurrent: 1, colocate: true } }, steps: [
  step({ name: 'a', group: 'seg', outputs: { x: n } }, async () => { note('seg', 'start'); await nap(50); return 1; }),
  step({ name: 'b', group: 'seg', inputs: { x: n } }, async () => { await nap(50); note('seg', 'end'); }),
] });

export const known = pipeline('known', { groups: { kept: { maxConcurrent: 1 } }, steps: [step({ name: 'make', group: 'kept' }, () => note('kept', 'made'))] });
export const shut = pipeline('shut', { cache: false, groups: { kept: { maxConcurrent: 1 } }, steps: [step({ name: 'hold', group: 'kept' }, async () => { while (!existsSync('gate-kept')) await nap(50); })] });

export const slow = pipeline('slow', { cache: false, groups: { paced: { maxPerSecond: 2 } }, steps: [1, 2, 3, 4, 5, 6].map((i) => step({ name: 's' + i, group: 'paced' }, () => {})) });
`;

let project: TestProject;
let session: Session;
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': PIPELINES });
  project.write('flowyml.yaml', `project: ${project.name}\ngroups:\n  two: { max_concurrent: 2 }\n`);
  session = await project.session();
  await Promise.all([serve(), serve()]);
});
afterAll(() => project.remove());

const workers: RunningCommand[] = [];
async function serve(): Promise<void> {
  const worker = project.start('worker', '--concurrency', '4');
  workers.push(worker);
  await worker.until(/ serves /);
}
// A test that kills a worker leaves two to the next.
afterEach(async () => {
  for (const dead of workers.filter(({ child }) => child.exitCode !== null || child.signalCode !== null)) {
    workers.splice(workers.indexOf(dead), 1);
    await serve();
  }
});

let runs = 0;
const start = (pipeline: string) =>
  session.temporal.client.workflow.start(pipeline, {
    workflowId: `${pipeline}-${project.name}-${++runs}`,
    taskQueue: project.name,
    args: [{}],
  });
const finish = (handles: Awaited<ReturnType<typeof start>>[]) =>
  Promise.all(handles.map((handle) => handle.result() as Promise<RunResult>));

const ledger = (group: string) => {
  const file = join(project.root, `ledger-${group}`);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};
/** How many were at work at the same time, at most. */
const mostAtOnce = (lines: readonly string[]) => {
  let now = 0;
  return Math.max(...lines.map((line) => (now += line.startsWith('start') ? 1 : -1)));
};
const statusOf = async (runId: string) => {
  const row = await findRun(session.db, runId);
  return row && (await describeRun(session.db, row)).result.steps.train;
};

describe('maxConcurrent', () => {
  it('1: steps of six runs on two workers never run two at once, and all end', async () => {
    const results = await finish(await Promise.all(Array.from({ length: 6 }, () => start('alone'))));
    expect(results.map(({ status, steps }) => [status, steps.train?.attempts])).toEqual(Array(6).fill(['succeeded', 1]));
    expect(ledger('one')).toHaveLength(12);
    expect(mostAtOnce(ledger('one'))).toBe(1);
    expect(await session.db.client`select 1 from flowyml.slots where group_name = 'one'`).toHaveLength(0);
  });

  it('2, by flowyml.yaml over the pipeline: two batches of a map at once, not more', async () => {
    const [result] = await finish([await start('twins')]);
    expect(result).toMatchObject({ status: 'succeeded', steps: { work: { map: { items: 8, failed: 0 } } } });
    expect(ledger('two')).toHaveLength(16);
    expect(mostAtOnce(ledger('two'))).toBe(2);
  });

  it('1: a segment holds one slot for all of its steps', async () => {
    const results = await finish(await Promise.all(Array.from({ length: 3 }, () => start('joined'))));
    expect(results.map(({ status }) => status)).toEqual(Array(3).fill('succeeded'));
    expect(mostAtOnce(ledger('seg'))).toBe(1);
  });

  it('shows who waits and why; the slot of a worker that is killed passes on', async () => {
    const first = await start('held');
    await until(() => ledger('long').length === 1, 'the first to hold the slot');
    const second = await start('held');
    await until(async () => (await statusOf(second.workflowId))?.status === 'waiting', 'the second to wait');
    expect(await statusOf(second.workflowId)).toMatchObject({ status: 'waiting', reason: 'for a slot of group long (max 1)', attempts: 0 });
    const { raw } = await second.describe();
    expect(raw.pendingActivities?.[0]?.lastFailure?.message).toMatch(/^waits for a slot of group 'long' \(max 1\)/);
    const shown = await project.flowyml('runs', 'show', second.workflowId);
    expect(shown.stdout).toContain('for a slot of group long (max 1)');

    const third = await start('held');
    await until(async () => (await statusOf(third.workflowId))?.status === 'waiting', 'the third to wait');
    await third.cancel();
    await expect(third.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });

    // A step's process is a child of its worker.
    const [, , pid] = ledger('long')[0]?.split(' ') ?? [];
    const holder = workers.find(({ child }) => child.pid === Number(pid));
    holder?.child.kill('SIGKILL');
    await holder?.ended;
    await until(() => ledger('long').some((line) => line.startsWith(`start ${second.workflowId}`)), 'the second to go on');
    project.write('gate', '');
    const results = await finish([first, second]);
    expect(results.map(({ steps }) => steps.train?.attempts)).toEqual([2, 1]);
  });

  it('needs no slot for what the cache answers', async () => {
    await finish([await start('known')]);
    const shut = await start('shut');
    await until(
      async () => (await session.db.client`select 1 from flowyml.slots where holder is not null and step = 'hold'`).length === 1,
      'the slot to be taken',
    );
    const [known] = await finish([await start('known')]);
    expect(known).toMatchObject({ status: 'succeeded', steps: { make: { status: 'cached' } } });
    expect(ledger('kept')).toHaveLength(1);
    project.write('gate-kept', '');
    await finish([shut]);
  });
});

describe('maxPerSecond', () => {
  it('2: six steps take at least the two seconds that they must', async () => {
    const run = await start('slow');
    await finish([run]);
    const { events } = await run.fetchHistory();
    const started = events?.flatMap((event) => (event.activityTaskStartedEventAttributes ? [event.eventTime] : [])) ?? [];
    const times = started.map((time) => 1000 * Number(time?.seconds) + Number(time?.nanos) / 1e6);
    expect(times).toHaveLength(6);
    // A second's worth may go at once in the beginning.
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1500);
  });
});
