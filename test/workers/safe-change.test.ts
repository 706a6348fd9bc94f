import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type FlowymlClient, type PipelineResult, type RunHandle } from '../../client/index.ts';
import { makeProject, type RunningCommand, type TestProject, until } from '../support/project.ts';

// A deployment comes while runs wait: they go on, and nothing that they make is taken for what other code would make.

const code = (version: string) => `
import { approval, mapStep, pipeline, step } from 'flowyml';
import { z } from 'zod';
const load = step({ name: 'load', outputs: { data: z.array(z.number()) } }, () => [1, 2]);
const review = approval({ name: 'review', after: [load] });
const ship = step({ name: 'ship', inputs: { data: z.array(z.number()) }, after: [review], outputs: { shipped: z.string() } }, () => '${version}');
const each = mapStep({ name: 'each', items: 'data', item: z.number(), after: [review], outputs: { done: z.string() } }, ({ item }) => '${version}' + item);
export const release = pipeline('release', { steps: [load, review, ship, each] });
export const strict = pipeline('strict', { steps: [load, review, ship, each], onCodeChange: 'fail' });
`;

let project: TestProject;
let client: FlowymlClient;
const environment = { ...process.env };
const running: RunningCommand[] = [];
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': code('v1') });
  Object.assign(process.env, { TEMPORAL_ADDRESS: project.env.TEMPORAL_ADDRESS, FLOWYML_DATABASE_URL: project.env.FLOWYML_DATABASE_URL });
  await project.session();
  client = await createClient({ project: project.root });
});
afterAll(async () => {
  await client?.close();
  process.env = environment;
  await project.remove();
});

const deploy = async (version: string, ...args: string[]) => {
  project.write('pipelines/p.ts', code(version));
  const worker = project.start('worker', ...args);
  running.push(worker);
  await worker.until(/ serves /, 60_000);
  return worker;
};
const stopAll = async () => {
  for (const worker of running.splice(0)) {
    worker.child.kill('SIGTERM');
    await worker.ended;
  }
};
const made = async (result: PipelineResult) => ({ shipped: await result.output('shipped'), done: await result.output('done') });
const reviewed = (run: RunHandle) =>
  until(async () => (await run.status()).steps.review?.status === 'waiting', 'the review to be asked for', 60_000);

describe('without versioning', () => {
  let before: RunHandle;
  let strict: RunHandle;
  beforeAll(async () => {
    await deploy('v1');
    before = await client.start('release');
    strict = await client.start('strict', { cache: false });
    await Promise.all([reviewed(before), reviewed(strict)]);
    await stopAll();
    await deploy('v2');
  });
  afterAll(stopAll);

  it('a run goes on with the code there is, and says so', async () => {
    await before.approve('review', 'ann');
    const result = await before.result();
    expect(result.success).toBe(true);
    expect(await made(result)).toEqual({ shipped: 'v2', done: ['v21', 'v22'] });
    const change = { planned: expect.stringMatching(/^[0-9a-f]{12}$/), ran: expect.stringMatching(/^[0-9a-f]{12}$/) };
    expect(result.steps).toMatchObject({ ship: { codeChanged: change }, each: { codeChanged: change } });
    expect(result.step('load').codeChanged).toBeUndefined();
    expect(result.step('ship').codeChanged?.planned).not.toBe(result.step('ship').codeChanged?.ran);
    expect((await project.flowyml('runs', 'show', before.runId)).stdout).toContain('(other code than planned)');
    expect((await project.flowyml('runs', 'logs', before.runId, 'ship')).stdout).toMatch(
      /runs with other code than its run was planned with/,
    );
  });

  it('is kept in the cache under the code that made it', async () => {
    const again = await client.start('release');
    await reviewed(again);
    await again.approve('review', 'ann');
    const result = await again.result();
    expect(result.steps).toMatchObject({ ship: { status: 'cached', outputs: { shipped: { value: 'v2' } } } });
    expect(result.step('ship').codeChanged).toBeUndefined();
    // A map whose batches two codes may have made is nobody's: its items are asked for one by one.
    expect(await made(result)).toEqual({ shipped: 'v2', done: ['v21', 'v22'] });
  });

  it('fails a step of a pipeline that wants it so, and a retry goes on with the new code', async () => {
    await strict.approve('review', 'ann');
    const failed = await strict.result();
    expect(failed.error).toMatchObject({
      type: 'CodeChanged',
      message: expect.stringMatching(/was planned with code \w{12}, and this worker has \w{12}/),
    });
    const retried = await strict.retry();
    await retried.result();
    expect((await retried.status()).steps).toMatchObject({
      load: { reusedFrom: strict.runId },
      ship: { outputs: { shipped: { value: 'v2' } } },
    });
  });
});

it('takes back the old code and what that made', async () => {
  await deploy('v1');
  const run = await client.start('release');
  await reviewed(run);
  await run.approve('review', 'ann');
  expect(await made(await run.result())).toEqual({ shipped: 'v1', done: ['v11', 'v12'] });
  await stopAll();
});

it('what a step process loads from files that were edited meanwhile counts, but nobody reuses it', async () => {
  const worker = await deploy('v5');
  const first = await client.start('release');
  await reviewed(first);
  await first.approve('review', 'ann');
  expect(await made(await first.result())).toEqual({ shipped: 'v5', done: ['v51', 'v52'] });
  // The worker has read v5; processes that it starts from now on find v6.
  project.write('pipelines/p.ts', code('v6'));
  const steps = execFileSync('pgrep', ['-P', String(worker.child.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const pid of steps) process.kill(Number(pid), 'SIGKILL');
  for (let n = 0; n < 2; n++) {
    const run = await client.start('release', { cache: 'refresh' });
    await reviewed(run);
    await run.approve('review', 'ann');
    const result = await run.result();
    expect(result.step('ship')).toMatchObject({
      status: 'succeeded',
      attempts: 1,
      codeChanged: { ran: 'unknown' },
      outputs: { shipped: { value: 'v6' } },
    });
  }
  const again = await client.start('release');
  await reviewed(again);
  await again.approve('review', 'ann');
  // The cache has what v5 made for v5, and nothing of v6.
  expect((await again.result()).step('ship')).toMatchObject({ status: 'cached', outputs: { shipped: { value: 'v5' } } });
  await stopAll();
});

describe("with Temporal's Worker Versioning", () => {
  afterAll(stopAll);
  const makeCurrent = async (buildId: string) => {
    const { workflowService, options } = client.temporal;
    const request = {
      namespace: options.namespace,
      deploymentName: project.name,
      buildId,
      identity: 'test',
      ignoreMissingTaskQueues: true,
    };
    // The server learns of a version by its workers' polls.
    await until(
      () =>
        workflowService.setWorkerDeploymentCurrentVersion(request).then(
          () => true,
          () => false,
        ),
      `version ${buildId} to be known`,
      60_000,
    );
  };

  // Each version has its files to itself, as an image or a folder a release has them.
  const release = async (version: string, buildId: string) => {
    const folder = `releases/${buildId}`;
    const artifacts = join(project.root, '.flowyml', 'artifacts');
    project.write(`${folder}/pipelines/p.ts`, code(version));
    project.write(
      `${folder}/flowyml.yaml`,
      `project: ${project.name}\nstacks:\n  local:\n    type: local\n    artifact_path: ${artifacts}\n`,
    );
    const worker = project.start(
      'worker',
      join(project.root, folder, 'pipelines/p.ts'),
      '--deployment',
      project.name,
      '--build-id',
      buildId,
    );
    running.push(worker);
    await worker.until(/ serves /, 60_000);
    expect(worker.output()).toContain(`version ${buildId} of deployment ${project.name}`);
    await makeCurrent(buildId);
  };

  it('a run stays with the version that it began on', async () => {
    await release('v3', 'three');
    const before = await client.start('release');
    await reviewed(before);
    await release('v4', 'four');
    const after = await client.start('release');
    await reviewed(after);
    await Promise.all([before.approve('review', 'ann'), after.approve('review', 'ann')]);
    const [first, second] = [await before.result(), await after.result()];
    expect(await made(first)).toEqual({ shipped: 'v3', done: ['v31', 'v32'] });
    expect(first.step('ship').codeChanged).toBeUndefined();
    expect(await made(second)).toEqual({ shipped: 'v4', done: ['v41', 'v42'] });
    expect((await client.temporal.workflow.getHandle(before.runId).describe()).raw.workflowExecutionInfo?.versioningInfo).toMatchObject({
      deploymentVersion: { buildId: 'three' },
    });
  });

  it('needs a deployment for a build', async () => {
    const wrong = await project.flowyml('worker', '--build-id', 'x');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--build-id goes with --deployment') });
  });
});
