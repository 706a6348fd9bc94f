import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { stopServices } from '../../services/index.ts';
import { until } from '../support/project.ts';
import { readFacts } from './facts.ts';
import { Plant, type PlantWorker } from './plant.ts';
import { processes, signal } from './processes.ts';
import { approve, resultOf, start } from './runs.ts';
import { said } from './shared.ts';

// Services that are away for a while, and all of it at once.
let plant: Plant;
let worker: PlantWorker;
beforeAll(async () => {
  plant = new Plant({ modules: ['trials.ts', 'shapes.ts'] });
  await plant.ensure();
  worker = plant.startWorker();
  await worker.serving;
});
// What a test that failed has stopped.
afterEach(async () => {
  await plant.ensure();
});
afterAll(() => plant.close());

/** Nothing was tried twice, nothing is left open, and no attempt was used up. */
async function expectUndisturbed(runId: string): Promise<void> {
  const { attempts, runs } = await readFacts(plant);
  const own = attempts.filter((attempt) => attempt.runId === runId);
  expect(own.map(({ step, attempt, status, counted }) => `${step} ${attempt} ${status} ${counted}`)).toEqual(
    ['a', 'b', 'c'].map((step) => `${step} 1 succeeded false`),
  );
  expect(runs.find((each) => each.runId === runId)).toMatchObject({ status: 'succeeded', endedAt: expect.any(Date) });
}

/** Starts a run and comes back when its second step works. */
async function half(tag: string) {
  const run = await start(plant, 'plain', { tag });
  await until(() => said(plant, `${tag} b starts`).length > 0, 'the second step');
  return run;
}

const SUCCEEDED = { status: 'succeeded', steps: { c: { outputs: { z: { value: 20 } } } } };

it('PostgreSQL that is away while a step ends and commits uses up no attempt', async () => {
  const run = await half('away');
  await stopPostgres();
  // Longer than the heartbeat timeout: it is the worker that waits, and it says so.
  await sleep(12_000);
  expect(said(plant, 'away b ends')).toHaveLength(1);
  await plant.ensure();
  const back = Date.now();
  expect(await resultOf(plant, run)).toMatchObject(SUCCEEDED);
  // What is left of the run takes a second.
  expect(Date.now() - back).toBeLessThan(12_000);
  await expectUndisturbed(run.workflowId);
});

it('PostgreSQL that hangs does so too', async () => {
  const run = await half('hang');
  const { pid } = (await plant.status()).postgres;
  const all = (await processes()).filter((process) => process.pid === pid || process.parent === pid);
  expect(all.length).toBeGreaterThan(2);
  for (const process of all) signal(process.pid, 'SIGSTOP');
  await sleep(3000);
  for (const process of all) signal(process.pid, 'SIGCONT');
  expect(await resultOf(plant, run)).toMatchObject(SUCCEEDED);
  await expectUndisturbed(run.workflowId);
});

it('Temporal that is away while a step ends uses up no attempt', async () => {
  const run = await half('temporal');
  signal((await plant.status()).temporal.pid ?? 0, 'SIGKILL');
  await sleep(3000);
  await plant.ensure();
  expect(await resultOf(plant, run)).toMatchObject(SUCCEEDED);
  expect(said(plant, 'temporal b starts')).toHaveLength(1);
});

it('a run that waits for approval outlasts a restart of everything', async () => {
  const run = await start(plant, 'gated', { tag: 'gated-1' });
  const asked = approve(plant, run.workflowId, 'review', 'update', 4000);
  await until(
    async () => (await readFacts(plant)).runs.some(({ runId, status }) => runId === run.workflowId && status === 'waiting'),
    'the run to wait',
  );
  worker.child.kill('SIGKILL');
  await worker.ended;
  await stopServices({ root: plant.root });
  await plant.ensure();
  worker = plant.startWorker();
  await worker.serving;
  await asked;
  expect(await resultOf(plant, run)).toMatchObject({
    status: 'succeeded',
    steps: {
      before: { attempts: 1 },
      review: { approval: { decision: 'approved', by: 'the suite', comment: 'fine' } },
      ship: { outputs: { shipped: { value: 10 } } },
    },
  });
});

async function stopPostgres(): Promise<void> {
  const { pid = 0 } = (await plant.status()).postgres;
  // PostgreSQL's fast shutdown, as for a restart of its machine.
  signal(pid, 'SIGINT');
  await until(async () => !(await plant.status()).postgres.running, 'PostgreSQL to stop');
}
