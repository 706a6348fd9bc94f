import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../client/index.ts';
import { makeProject, type RunningCommand, type TestProject, until } from '../support/project.ts';
import { type Collector, type SentSpan, startCollector } from './collector.ts';

// One trace from who starts a run to what its steps do, as a collector gets it.
const PIPELINES = `
import { execFileSync } from 'node:child_process';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const first = step({ name: 'first', outputs: { parents: z.array(z.string()) }, retry: { maxAttempts: 2, initialInterval: 10 } }, (_, run) => {
  if (run.attempt === 1) throw new TypeError('not yet');
  const child = execFileSync(process.execPath, ['-p', 'process.env.TRACEPARENT'], { encoding: 'utf8' }).trim();
  return [run.traceparent, process.env.TRACEPARENT, child];
});
const second = step({ name: 'second', group: 'gpu', inputs: { parents: z.array(z.string()) }, outputs: { count: z.number() } }, ({ parents }) => parents.length);
export const traced = pipeline('traced', { steps: [first, second] });
`;
const SCRIPT = `
import { createRequire } from 'node:module';
import { createClient } from 'flowyml/client';
import { run } from 'flowyml';
import { traced } from './pipelines/p.ts';

const result = await run(traced);
const client = await createClient();
await client.close();
const modules = Object.keys(createRequire(import.meta.url).cache);
console.log(JSON.stringify({ status: result.status, worker: modules.some((file) => file.includes('@temporalio/worker')), traces: modules.filter((file) => file.includes('opentelemetry')) }));
`;

let project: TestProject;
let collector: Collector;
let worker: RunningCommand;
beforeAll(async () => {
  collector = await startCollector();
  project = await makeProject({ 'pipelines/p.ts': PIPELINES, 'script.ts': SCRIPT });
  Object.assign(project.env, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_METRIC_EXPORT_INTERVAL: '500',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  });
  worker = project.start('worker');
  await worker.until(/ serves /);
});
afterAll(async () => {
  await project.remove();
  await collector.close();
});

const chain = (span: SentSpan | undefined) => collector.chain(span);
const stepSpan = (step: string, match: Record<string, unknown>) =>
  collector.spans.find(
    ({ name, attributes }) =>
      name === `step ${step}` && Object.entries(match).every(([key, value]) => attributes[`flowyml.${key}`] === value),
  );

describe('a trace', () => {
  it('leads from the command to each step, and on to what the step starts', async () => {
    const { code, stdout, stderr } = await project.flowyml('run', 'pipelines/p.ts', '--json');
    expect(code, stderr).toBe(0);
    const { runId: run, steps } = JSON.parse(stdout);
    const workflow = ['StartWorkflow:traced', 'RunWorkflow:traced'];
    await until(() => chain(collector.spans.find(({ name }) => name === 'RunWorkflow:traced')).length === 2, 'the spans of the workflow');
    const failed = stepSpan('first', { run, attempt: 1 });
    expect(failed).toMatchObject({
      error: true,
      service: 'flowyml',
      attributes: { 'flowyml.pipeline': 'traced', 'flowyml.cached': false },
    });
    expect(chain(failed)).toEqual([...workflow, 'StartActivity:first', 'RunActivity:first', 'step first']);
    const made = stepSpan('first', { run, attempt: 2, status: 'succeeded' });
    expect(chain(made)).toEqual(chain(failed));
    const grouped = stepSpan('second', { run, attempt: 1, status: 'succeeded' });
    expect(chain(grouped)).toEqual([...workflow, 'StartActivity:second', 'RunActivity:second', 'step second']);
    expect(new Set([failed, made, grouped].map((span) => span?.traceId)).size).toBe(1);
    const parent = `00-${made?.traceId}-${made?.spanId}-01`;
    expect(steps.first.outputs.parents.value).toEqual([parent, parent, parent]);
    // A worker without traces may go on with it.
    const replayed = await project.flowyml('replay', '--workflow-id', run);
    expect(replayed.code, replayed.stdout + replayed.stderr).toBe(0);
  });

  it('shows what the cache answered', async () => {
    const { stdout } = await project.flowyml('run', 'pipelines/p.ts', '--json');
    const { runId: run, steps } = JSON.parse(stdout);
    expect(steps.first.status).toBe('cached');
    await until(() => stepSpan('second', { run, cached: true }) !== undefined, 'the span of a cached step');
    await until(() => chain(stepSpan('second', { run, cached: true })).length === 5, 'the spans above it');
    expect(chain(stepSpan('second', { run, cached: true }))).toEqual([
      ...['StartWorkflow:traced', 'RunWorkflow:traced', 'StartActivity:flowyml:planRun', 'RunActivity:flowyml:planRun', 'step second'],
    ]);
  });

  it("goes on below a program's own spans, with its own provider", async () => {
    const exporter = new InMemorySpanExporter();
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const before = { ...process.env };
    Object.assign(process.env, { TEMPORAL_ADDRESS: project.env.TEMPORAL_ADDRESS, FLOWYML_DATABASE_URL: project.databaseUrl });
    const client = await createClient({ project: project.root, tracerProvider });
    try {
      const { runId } = await client.run('traced').then((result) => result.toJSON());
      const [start] = exporter.getFinishedSpans().filter(({ name }) => name === 'StartWorkflow:traced');
      const ours = start?.spanContext();
      await until(() => stepSpan('first', { run: runId })?.traceId === ours?.traceId, 'the step in the trace');
      const run = () => collector.spans.find(({ name, parentSpanId }) => name === 'RunWorkflow:traced' && parentSpanId === ours?.spanId);
      await until(() => run() !== undefined, 'the workflow below it');
    } finally {
      process.env = before;
      await client.close();
    }
  });
});

describe('a collector', () => {
  it('gets metrics too', async () => {
    await until(
      () => collector.metrics.has('flowyml_steps_total') && collector.metrics.has('temporal_request'),
      'metrics',
      5000,
      () => [...collector.metrics].join(),
    );
  });

  it('that cannot be had stops no run', async () => {
    project.env.OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:1';
    const { code, stderr } = await project.flowyml('run', 'pipelines/p.ts');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^traces could not be sent: .*ECONNREFUSED/m);
    project.env.OTEL_EXPORTER_OTLP_PROTOCOL = 'grpc';
    const wrong = await project.flowyml('run', 'pipelines/p.ts');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("OTEL_EXPORTER_OTLP_PROTOCOL is 'grpc': traces are sent as http/protobuf only");
  });
});

it('nothing of it is loaded where no traces are asked for', async () => {
  worker.child.kill('SIGTERM');
  expect((await worker.ended).code).toBe(0);
  delete project.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const { stdout, stderr } = await project.script('script.ts');
  expect(JSON.parse(stdout || stderr)).toEqual({ status: 'succeeded', worker: true, traces: [] });
});
