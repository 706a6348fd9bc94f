import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProject, type RunningCommand, type TestProject, until } from '../support/project.ts';
import { type Collector, startCollector } from './collector.ts';

// Traces of a worker of one's own, with flowyml beside its own workflows.
const PIPELINE = `
import { pipeline, step } from 'flowyml';
export const both = pipeline('both', { steps: [step({ name: 'here' }, () => {}), step({ name: 'there', group: 'gpu' }, () => {})] });
`;
const WORKFLOWS = `
import { executeChild } from '@temporalio/workflow';
export async function release(): Promise<string> {
  return (await executeChild('both', { args: [{}] })).status;
}
`;
const WORKER = `
import { NativeConnection, Worker } from '@temporalio/worker';
import { flowymlPlugin } from 'flowyml/worker';
import { fileURLToPath } from 'node:url';

const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
const worker = await Worker.create({
  connection,
  taskQueue: process.env.QUEUE ?? '',
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  plugins: [flowymlPlugin()],
});
process.once('SIGTERM', () => worker.shutdown());
console.log('serves');
await worker.run();
await connection.close();
`;
const START = `
import { createClient } from 'flowyml/client';
const client = await createClient();
const result = await client.temporal.workflow.execute('release', { taskQueue: process.env.QUEUE ?? '', workflowId: process.env.QUEUE + '-release' });
console.log(result);
await client.close();
`;

let project: TestProject;
let collector: Collector;
let worker: RunningCommand;
beforeAll(async () => {
  collector = await startCollector();
  project = await makeProject({
    'pipelines/p.ts': PIPELINE,
    'workflows.ts': WORKFLOWS,
    'worker.ts': WORKER,
    'start.ts': START,
    'package.json': '{ "type": "module" }',
  });
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(project.root, 'node_modules'));
  Object.assign(project.env, { QUEUE: project.name, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' });
  await project.session();
  worker = project.startScript('worker.ts');
  await worker.until(/^serves$/m, 60_000);
});
afterAll(async () => {
  worker?.child.kill('SIGTERM');
  await worker?.ended;
  await project.remove();
  await collector.close();
});

const chainTo = (name: string) => collector.chain(collector.spans.find((span) => span.name === name));

it("a program's own workflow, the pipeline below it and the steps of all queues are one trace", async () => {
  const { code, stdout, stderr } = await project.script('start.ts');
  expect(stdout, stderr + worker.output()).toBe('succeeded\n');
  expect(code).toBe(0);
  await until(
    () => chainTo('RunWorkflow:release').length === 2,
    'the end of the outer workflow',
    10_000,
    () => collector.spans.map(({ name }) => name).join(),
  );
  const above = ['StartWorkflow:release', 'RunWorkflow:release', 'StartChildWorkflow:both', 'RunWorkflow:both'];
  expect(chainTo('step here')).toEqual([...above, 'StartActivity:here', 'RunActivity:here', 'step here']);
  expect(chainTo('step there')).toEqual([...above, 'StartActivity:there', 'RunActivity:there', 'step there']);
});
