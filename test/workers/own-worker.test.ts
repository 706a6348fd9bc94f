import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type FlowymlClient } from '../../client/index.ts';
import { makeProject, type RunningCommand, type TestProject } from '../support/project.ts';

// A worker as those have it who use Temporal already: workflows and activities of their own, and flowyml beside them.

const PIPELINE = `
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const load = step({ name: 'load', params: { rows: z.number().int() }, outputs: { data: z.array(z.number()) } }, ({ rows }) => Array.from({ length: rows }, (_, i) => i));
const total = step({ name: 'total', inputs: { data: z.array(z.number()) }, outputs: { sum: z.number() }, group: 'training_cluster' }, ({ data }) => data.reduce((a, b) => a + b, 0));
export const sums = pipeline('sums', { steps: [load, total], context: { rows: 4 } });
`;

const WORKFLOWS = `
import { executeChild, proxyActivities } from '@temporalio/workflow';
import type { RunRequest, RunResult } from 'flowyml/workflows';

const { greet } = proxyActivities<{ greet(name: string): Promise<string> }>({ startToCloseTimeout: '10 s' });

export const greeting = (name: string): Promise<string> => greet(name);

/** Trains, then goes on with what came out of it. */
export async function release(rows: number, queue?: string): Promise<{ sum: unknown; greeting: string }> {
  const request: RunRequest = { params: { rows } };
  const result: RunResult = await executeChild('sums', { args: [request], ...(queue ? { taskQueue: queue } : {}) });
  return { sum: result.steps.total?.outputs.sum?.value, greeting: await greet('model') };
}
`;

const WORKER = (options: { activities?: string; plugin?: string; queue?: string; workflows?: string }) => `
import { NativeConnection, Worker } from '@temporalio/worker';
import { flowymlPlugin } from 'flowyml/worker';
import { fileURLToPath } from 'node:url';

const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
try {
const worker = await Worker.create({
  connection,
  taskQueue: ${options.queue ?? 'process.env.QUEUE'},
  ${options.workflows ?? "workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),"}
  activities: { async greet(name: string) { return 'hello ' + name; }, ${options.activities ?? ''} },
  ${options.plugin ?? 'plugins: [flowymlPlugin()],'}
});
console.log('serves');
process.once('SIGTERM', () => worker.shutdown());
await worker.run();
console.log('ended');
} finally { await connection.close(); }
`;

let project: TestProject;
let client: FlowymlClient;
let worker: RunningCommand;
const environment = { ...process.env };
beforeAll(async () => {
  project = await makeProject({
    'pipelines/sums.ts': PIPELINE,
    'workflows.ts': WORKFLOWS,
    'worker.ts': WORKER({}),
    'package.json': '{ "type": "module" }',
  });
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(project.root, 'node_modules'));
  project.env.QUEUE = project.name;
  Object.assign(process.env, { TEMPORAL_ADDRESS: project.env.TEMPORAL_ADDRESS, FLOWYML_DATABASE_URL: project.env.FLOWYML_DATABASE_URL });
  await project.session();
  worker = project.startScript('worker.ts');
  await worker.until(/serves/, 60_000);
  client = await createClient({ project: project.root });
});
afterAll(async () => {
  await client?.close();
  process.env = environment;
  await project.remove();
});

describe("a worker of the user's own, with flowyml in it", () => {
  it("serves the project's pipelines, groups' steps too", async () => {
    const result = await client.run('sums', { params: { rows: 5 } });
    expect(result.toJSON()).toMatchObject({ status: 'succeeded', steps: { total: { group: 'training_cluster' } } });
    expect(await result.output('sum')).toBe(10);
    expect((await project.flowyml('status', '--json')).stdout).toContain('"sums"');
  });

  it('serves its own workflows, which run a pipeline as a child and use what it made', async () => {
    const { workflow } = client.temporal;
    const queue = { taskQueue: project.name };
    expect(await workflow.execute('greeting', { ...queue, workflowId: `${project.name}-greeting`, args: ['you'] })).toBe('hello you');
    const released = await workflow.execute('release', { ...queue, workflowId: `${project.name}-release`, args: [3] });
    expect(released).toEqual({ sum: 3, greeting: 'hello model' });
  });

  it('is called from a worker that has no flowyml, by its queue', async () => {
    project.write('plain.ts', WORKER({ plugin: '', queue: `'${project.name}-plain'` }));
    const plain = project.startScript('plain.ts');
    await plain.until(/serves/, 60_000);
    const released = await client.temporal.workflow.execute('release', {
      taskQueue: `${project.name}-plain`,
      workflowId: `${project.name}-release-plain`,
      args: [6, project.name],
    });
    expect(released).toEqual({ sum: 15, greeting: 'hello model' });
    plain.child.kill('SIGTERM');
    await plain.ended;
  });

  it('ends when it is told to, and signs off', async () => {
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('ended') });
    expect(JSON.parse((await project.flowyml('status', '--json')).stdout).workers).toEqual([]);
  });
});

describe('refuses to start', () => {
  it.each([
    [
      'an activity with the name of a step',
      { activities: 'async load() {},' },
      /has an activity 'load', and so is named a step of pipeline 'sums': rename one/,
    ],
    [
      'an activity with the name of a group',
      { activities: 'async training_cluster() {},' },
      /'training_cluster', and so is named an execution group/,
    ],
    ['an activity for all', { activities: 'async default() {},' }, /'default', and so is named flowyml's own activity for all steps/],
    [
      'the queue of another project',
      { queue: "'other'" },
      /task queue is 'other', and the project at .* is named '.*': give both one name/,
    ],
    [
      'a bundle without flowyml',
      { workflows: "workflowBundle: { code: 'none' }," },
      /add `export \{ default \} from 'flowyml\/workflows'`/,
    ],
    ['no pipelines', { plugin: "plugins: [flowymlPlugin({ pipelines: ['nothing.ts'] })]," }, /nothing\.ts/],
  ])('with %s', async (_, options, says) => {
    project.write('wrong.ts', WORKER(options));
    const { code, stderr } = await project.script('wrong.ts');
    expect(stderr).toMatch(says);
    expect(code).not.toBe(0);
  });

  it.each([
    [
      'a workflow with the name of a pipeline',
      'export async function sums() {}',
      /exports a workflow 'sums', and so is named a pipeline: rename one/,
    ],
    ['one that comes from another file', "export * from './more.ts';", /exports a workflow 'sums'/],
    ['a default export', 'export default async function all() {}', /has a default export/],
  ])('with %s', async (_, code, says) => {
    project.write('more.ts', 'export const sums = async () => {};');
    project.write('clash.ts', code);
    project.write('wrong.ts', WORKER({ workflows: "workflowsPath: fileURLToPath(new URL('./clash.ts', import.meta.url))," }));
    expect((await project.script('wrong.ts')).stderr).toMatch(says);
  });

  it('takes a file that has flowyml in it already', async () => {
    project.write('joined.ts', "export { default } from 'flowyml/workflows';\nexport async function mine() { return 1; }\n");
    project.write('fine.ts', WORKER({ workflows: "workflowsPath: fileURLToPath(new URL('./joined.ts', import.meta.url))," }));
    const fine = project.startScript('fine.ts');
    await fine.until(/serves/, 60_000);
    expect((await client.run('sums')).success).toBe(true);
    fine.child.kill('SIGTERM');
    await fine.ended;
  });
});
