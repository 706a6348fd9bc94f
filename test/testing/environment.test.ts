import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestEnvironment, type TestEnvironment } from '../../testing/index.ts';
import { patient, release } from './pipelines/release.ts';

const DAY_MS = 24 * 3600 * 1000;
let environment: TestEnvironment;
beforeAll(async () => {
  environment = await createTestEnvironment({ pipelines: [release, patient] });
});
afterAll(() => environment?.close());

it('waits a week for a person, in no time', async () => {
  const before = await environment.now();
  const run = await environment.client.start(release);
  const result = await run.result();
  expect(result.success).toBe(true);
  expect(result.step('review').approval).toMatchObject({ decision: 'approved', by: 'timeout' });
  expect(await result.output('shipped')).toBe(7);
  expect((await environment.now()).getTime() - before.getTime()).toBeGreaterThan(7 * DAY_MS);
});

it('takes a decision after some days', async () => {
  const run = await environment.client.start(release, { cache: false });
  await environment.sleep('3 days');
  expect((await run.status()).status).toBe('waiting');
  await run.reject('review', 'ann', 'not yet');
  const result = await run.result();
  expect(result.error).toMatchObject({ step: 'review', message: 'rejected by ann: not yet' });
});

it('waits for the next attempt, in no time', async () => {
  const before = await environment.now();
  const result = await environment.client.run(patient);
  expect(result.outputs.attempt).toBe(3);
  expect((await environment.now()).getTime() - before.getTime()).toBeGreaterThan(2 * DAY_MS);
});
