import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../client/session.ts';
import { findRun, listAttempts } from '../../metadata/index.ts';
import type { RunRequest } from '../../pipelines/run-request.ts';
import { makeProject, type TestProject, until } from '../support/project.ts';

// The group's queue is slow: its tasks come one by one, in the order that Temporal gives them.
const PIPELINES = `
import { pipeline, step } from 'flowyml';

export const usual = pipeline('usual', { groups: { gpu: { maxPerSecond: 4 } }, steps: [step({ name: 'train', group: 'gpu', cache: false }, () => {})] });
export const early = pipeline('early', { priority: 2, project: 'fraud', steps: [step({ name: 'train', group: 'gpu', cache: false }, () => {})] });
`;

let project: TestProject;
let session: Session;
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': PIPELINES });
  session = await project.session();
});
afterAll(() => project.remove());

let runs = 0;
/** As a program in any language starts a run: nothing is said but in the request. */
async function start(pipeline: string, request: RunRequest = {}): Promise<string> {
  const workflowId = `${project.name}-${++runs}-p${request.priority ?? ''}`;
  await session.temporal.client.workflow.start(pipeline, { workflowId, taskQueue: project.name, args: [request] });
  return workflowId;
}

/** The tasks of a run that stand in a queue. */
async function queued(runId: string) {
  const { raw } = await session.temporal.client.workflow.getHandle(runId).describe();
  return raw.pendingActivities ?? [];
}

const startedAt = async (runId: string) => {
  const run = await findRun(session.db, runId);
  const [attempt] = run ? await listAttempts(session.db, run) : [];
  return attempt?.startedAt.getTime() ?? Number.NaN;
};

describe('a queue that is full', () => {
  it('gives the steps of a run of higher priority to a worker first, and those of a lower one last', async () => {
    const books = project.start('worker', '--group', 'default');
    await books.until(/ serves /);
    const priorities = [5, 5, undefined, 5, undefined, 1] as const;
    const ids: string[] = [];
    for (const priority of priorities) {
      const id = await start('usual', priority === undefined ? {} : { priority });
      await until(async () => (await queued(id)).length === 1, `the step of ${id} in its queue`);
      ids.push(id);
    }
    const labelled = await start('early', { project: 'räuber'.repeat(20) });
    await until(async () => (await queued(labelled)).length === 1, 'the step in its queue');
    expect((await queued(labelled))[0]?.priority).toMatchObject({ priorityKey: 2, fairnessKey: 'räuberräuberräuberräu' });

    const worker = project.start('worker', '--group', 'gpu', '--concurrency', '1');
    await Promise.all(ids.map((id) => session.temporal.client.workflow.getHandle(id).result()));
    const times = await Promise.all(ids.map(startedAt));
    const order = times
      .map((time, i) => ({ time, priority: priorities[i] ?? 3 }))
      .sort((a, b) => a.time - b.time)
      .map(({ priority }) => priority);
    // A server reads what it handed to its queues in its own time: one task may have been ready before a more urgent one.
    expect(order.indexOf(1)).toBeLessThan(2);
    expect(order.slice(-3)).toEqual([5, 5, 5]);
    for (const each of [worker, books]) {
      each.child.kill('SIGTERM');
      await each.ended;
    }
  }, 60_000);
});

describe('a run that is started by flowyml', () => {
  it('has its priority, and its project’s share, as a workflow too', async () => {
    const detached = await project.flowyml('run', 'pipelines/p.ts#early', '--detach', '--json', '--priority', '1');
    expect(detached).toMatchObject({ code: 0 });
    const { runId } = JSON.parse(detached.stdout) as { runId: string };
    const handle = session.temporal.client.workflow.getHandle(runId);
    expect((await handle.describe()).priority).toMatchObject({ priorityKey: 1, fairnessKey: 'fraud' });
    await handle.result();
    const { events = [] } = await handle.fetchHistory();
    const [scheduled] = events?.flatMap((event) => event.activityTaskScheduledEventAttributes ?? []) ?? [];
    expect(scheduled?.priority).toMatchObject({ priorityKey: 1, fairnessKey: 'fraud' });
    await project.flowyml('down');
  });
});
