import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient, type FlowymlClient } from '../../client/index.ts';
import { findRun } from '../../metadata/index.ts';
import { makeProject, type TestProject, until } from '../support/project.ts';
import { PIPELINES } from './pipelines.ts';

// Runs that stand for a time, however they are started.
let project: TestProject;
let client: FlowymlClient;
const environment = { ...process.env };
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': PIPELINES });
  await project.start('worker').until(/ serves /, 60_000);
  process.env.TEMPORAL_ADDRESS = project.env.TEMPORAL_ADDRESS;
  process.env.FLOWYML_DATABASE_URL = project.env.FLOWYML_DATABASE_URL;
  client = await createClient({ project: project.root });
});
afterAll(async () => {
  for (const { name } of (await client?.schedules.list()) ?? []) await client.schedules.delete(name);
  await client?.close();
  process.env = environment;
  await project.remove();
});

const said = async (runId: string) => (await client.handle(runId).status()).steps.say?.outputs.said?.value;

it('a request may say the time and the zone', async () => {
  const run = await client.start('daily', { scheduledTime: '2026-03-31T23:30:00+01:00', timezone: 'Europe/Berlin' });
  await run.result();
  expect(await said(run.runId)).toBe('2026-04-01 at 2026-03-31T22:30:00Z');
});

it('without one, the time is that of its start', async () => {
  const run = await client.start('daily');
  const { startedAt, status } = (await run.result()).toJSON();
  expect(status).toBe('succeeded');
  expect(await said(run.runId)).toBe(`${startedAt.slice(0, 10)} at ${startedAt.slice(0, 19)}Z`);
});

it.each([
  [{ scheduledTime: 'yesterday' }, /the run's request: at scheduledTime: Invalid ISO datetime/],
  [{ timezone: 'Europe/Berln' }, /timezone: "Europe\/Berln" is not a time zone; did you mean 'Europe\/Berlin'\?/],
  [{ params: { day: '{{ scheduled_dat }}' } }, /param 'day': \{\{ scheduled_dat \}\} is not known; did you mean 'scheduled_date'\?/],
])('a request with %j ends before any step', async (request, message) => {
  const run = await client.start('daily', request);
  await expect(run.result()).rejects.toThrow(message);
});

it('a retry stands for the time of the run that it retries; a failed run pauses its schedule', async () => {
  const name = `${project.name}-pauses`;
  const { schedules } = client;
  project.write('bad/2026-03-02', '');
  await schedules.create('daily', {
    name,
    interval: '1 s',
    pauseOnFailure: true,
    params: { day: '2026-03-02', bad: join(project.root, 'bad') },
  });
  await until(async () => (await schedules.show(name)).paused, 'the schedule to be paused');
  const { runs, note } = await schedules.show(name);
  expect(note).toMatch(/fail/i);
  const failed = runs.find(({ status }) => status === 'failed');
  expect(failed?.by).toBe('schedule');
  rmSync(join(project.root, 'bad'), { recursive: true });
  const { code, stdout, stderr } = await project.flowyml('runs', 'retry', failed?.runId ?? '', '--id', `${name}-retried`, '--json');
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout).steps.say.outputs.said.value).toBe(`2026-03-02 at ${failed?.scheduledTime}`);
  const { db } = await project.session();
  expect((await findRun(db, `${name}-retried`))?.request.scheduledTime).toBe(failed?.scheduledTime);
});
