import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, type TestProject, until } from '../support/project.ts';

// Workers that are killed, stopped, blocked or edited: no finished step runs again, and no run is lost.
const PIPELINES = `
import { appendFileSync } from 'node:fs';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ledger = (line) => appendFileSync(new URL('./ledger', import.meta.url), line + '\\n');

const first = step({ name: 'first', outputs: { a: z.number() } }, () => { ledger('first'); return 1; });
const second = step({ name: 'second', inputs: { a: z.number() }, outputs: { b: z.number() } }, async ({ a }) => { ledger('second'); await nap(3000); ledger('second done'); return a + 1; });
const third = step({ name: 'third', inputs: { b: z.number() } }, () => ledger('third'));
export default pipeline('chain', { steps: [first, second, third] });

export const blocked = pipeline('blocked', { steps: [
  step({ name: 'blocker', params: { ms: z.number() } }, ({ ms }) => { ledger('pid ' + process.pid); for (const end = Date.now() + ms; Date.now() < end; ); }),
  step({ name: 'neighbour' }, () => ledger('neighbour')),
] });

export const polite = pipeline('polite', { steps: [
  step({ name: 'listener' }, async (_, run) => { ledger('listening'); await new Promise((resolve) => run.signal.addEventListener('abort', resolve)); ledger('asked to stop'); run.signal.throwIfAborted(); }),
  step({ name: 'never', after: ['listener'] }, () => ledger('never')),
] });
`;

let project: TestProject;
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': PIPELINES });
});
afterAll(() => project.remove());

const ledger = () =>
  existsSync(join(project.root, 'pipelines/ledger')) ? readFileSync(join(project.root, 'pipelines/ledger'), 'utf8').trim().split('\n') : [];
const clear = () => project.write('pipelines/ledger', '');
const wrote = (line: string | RegExp) =>
  until(
    () => ledger().some((each) => (typeof line === 'string' ? each === line : line.test(each))),
    `'${line}' in the ledger`,
    30_000,
    () => ledger().join('\n'),
  );
const start = async (pipeline: string, params = {}) => {
  const session = await project.session();
  return session.temporal.client.workflow.start(pipeline, {
    workflowId: `${project.name}-${Math.random()}`,
    taskQueue: project.name,
    args: [{ params, cache: false }],
  });
};
const worker = async (...args: string[]) => {
  const running = project.start('worker', ...args);
  await running.until(/ serves /);
  return running;
};

describe('a worker', () => {
  it('that is killed in the middle of a step is replaced by another; finished steps do not run again', async () => {
    clear();
    const doomed = await worker();
    const run = await start('chain');
    await wrote('second');
    doomed.child.kill('SIGKILL');
    await doomed.ended;
    const other = await worker();
    const result = await run.result();
    expect(result).toMatchObject({
      status: 'succeeded',
      steps: { first: { attempts: 1 }, second: { attempts: 2 }, third: { attempts: 1 } },
    });
    expect(ledger()).toEqual(['first', 'second', 'second', 'second done', 'third']);
    other.child.kill('SIGTERM');
    expect((await other.ended).code).toBe(0);
  });

  it('that is asked to stop lets the running step end, takes nothing new, and exits 0', async () => {
    clear();
    const drained = await worker();
    const run = await start('chain');
    await wrote('second');
    drained.child.kill('SIGTERM');
    const { code } = await drained.ended;
    expect(code).toBe(0);
    expect(ledger()).toEqual(['first', 'second', 'second done']);
    const other = await worker();
    expect(await run.result()).toMatchObject({ status: 'succeeded', steps: { second: { attempts: 1 } } });
    expect(ledger()).toEqual(['first', 'second', 'second done', 'third']);
    other.child.kill('SIGKILL');
  });

  it('goes on heartbeating and serving while a step blocks its CPU for longer than the heartbeat timeout', async () => {
    clear();
    const running = await worker();
    const run = await start('blocked', { ms: 13_000 });
    await wrote('neighbour');
    expect(await run.result()).toMatchObject({ status: 'succeeded', steps: { blocker: { attempts: 1 }, neighbour: { attempts: 1 } } });
    running.child.kill('SIGKILL');
  });

  it('that is killed takes a step that blocks its CPU along', async () => {
    clear();
    const doomed = await worker();
    const run = await start('blocked', { ms: 600_000 });
    await wrote(/^pid /);
    const pid = Number(
      ledger()
        .find((line) => line.startsWith('pid '))
        ?.slice(4),
    );
    doomed.child.kill('SIGKILL');
    await until(() => !isAlive(pid), `process ${pid} to end`, 5000);
    await run.terminate();
  });

  it('passes a cancel on to the running step; the run ends as cancelled everywhere', async () => {
    clear();
    const running = await worker();
    const run = await start('polite');
    await wrote('listening');
    const cancelled = await project.flowyml('runs', 'cancel', run.workflowId);
    expect(cancelled.code).toBe(0);
    await expect(run.result()).rejects.toThrow(/cancelled/i);
    await wrote('asked to stop');
    expect(ledger()).not.toContain('never');
    const { stdout } = await project.flowyml('runs', 'show', run.workflowId, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'cancelled',
      steps: { listener: { status: 'cancelled' }, never: { status: 'cancelled' } },
    });
    running.child.kill('SIGKILL');
  });
});

describe('a run', () => {
  it('of a pipeline that no worker serves waits, says so, and goes on when one does', async () => {
    const running = await worker();
    const run = await start('latecomer');
    await until(
      async () => (await project.flowyml('runs', 'show', run.workflowId)).stdout.includes('does not serve'),
      'runs show to say why',
      90_000,
    );
    project.write(
      'pipelines/late.ts',
      `import { pipeline, step } from 'flowyml'; export default pipeline('latecomer', { steps: [step({ name: 's' }, () => 1)] });`,
    );
    running.child.kill('SIGTERM');
    await running.ended;
    const other = await worker();
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    other.child.kill('SIGKILL');
  });

  it('runs the code as it is now, though a worker with older code is there', async () => {
    const text = (value: number) =>
      `import { pipeline, step } from 'flowyml'; import { z } from 'zod'; export default pipeline('edited', { steps: [step({ name: 's', outputs: { v: z.number() } }, () => ${value})] });`;
    project.write('pipelines/edited.ts', text(1));
    const old = await worker();
    project.write('pipelines/edited.ts', text(2));
    const { stdout, stderr } = await project.flowyml('run', 'pipelines/edited.ts', '--json');
    expect(stdout, stderr).not.toBe('');
    expect(JSON.parse(stdout).steps.s.outputs.v.value).toBe(2);
    old.child.kill('SIGKILL');
  });

  it('that is terminated from outside is shown as cancelled', async () => {
    clear();
    const running = await worker();
    const run = await start('chain');
    await wrote('second');
    await run.terminate('enough');
    const { stdout } = await project.flowyml('runs', 'list', '--json');
    const found = JSON.parse(stdout).find((each: { runId: string }) => each.runId === run.workflowId);
    expect(found).toMatchObject({ status: 'cancelled' });
    running.child.kill('SIGKILL');
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
