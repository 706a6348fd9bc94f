import { type Pipeline, pipeline, type ScheduleOptions, step } from 'flowyml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type Schedules, schedules } from '../../client/schedules/index.ts';
import { PlanError, UsageError } from '../../pipelines/errors.ts';
import { makeProject, type TestProject, until } from '../support/project.ts';

let project: TestProject;
let all: Schedules;
beforeAll(async () => {
  project = await makeProject();
  all = schedules(await project.session());
});
afterAll(async () => {
  for (const { name } of (await all?.list()) ?? []) await all.delete(name);
  await project.remove();
});

const named = (name: string) => `${project.name}-${name}`;
const say = step({ name: 'say', params: { day: z.iso.date().default('2026-01-01') } }, ({ day }) => day);
const report = (schedule: readonly ScheduleOptions[]): Pipeline => pipeline('report', { steps: [say], schedule }) as never;

it('makes the server as the code says, field by field, and leaves alone what operators did', async () => {
  const [keep, change, move, hand] = [named('keep'), named('change'), named('move'), named('hand')];
  const before = report([
    { name: keep, cron: '0 6 * * 1-5', note: 'kept' },
    { name: change, cron: '@daily' },
    { name: move, interval: '1 h', paused: true },
  ]);
  expect(await all.sync([before])).toEqual({
    create: [keep, change, move].map((name) => ({ name, pipeline: 'report' })),
    change: [],
    delete: [],
    same: [],
  });
  expect(await all.difference([before])).toEqual({ create: [], change: [], delete: [], same: [keep, change, move] });
  expect(await all.show(move)).toMatchObject({ paused: true, source: 'code' });
  await all.create('report', { name: hand, cron: '@daily' });
  await all.pause(change, 'by hand');

  const after = pipeline('summary', {
    steps: [say],
    schedule: [
      // The same in other words.
      { name: keep, cron: '0 6 * * MON-FRI', overlap: 'skip', timezone: 'UTC', catchupWindow: '24 h', note: 'another' },
      {
        name: change,
        cron: ['@hourly', '0 7 * * *'],
        interval: '1 d',
        calendars: [{ hour: [6, 7], year: 2030 }],
        timezone: 'Asia/Tokyo',
        params: { day: '{{ scheduled_date }}' },
        tags: ['x'],
        catchupWindow: '1 h',
        overlap: 'allowAll',
        pauseOnFailure: true,
        jitter: '1 m',
        startAt: '2026-01-01',
        endAt: '2100-01-01',
      },
    ],
  });
  await until(async () => (await all.list()).length === 4, 'the server to list them');
  const difference = await all.difference([after]);
  expect(difference).toEqual({
    create: [],
    change: [
      { name: keep, pipeline: 'summary', changes: [{ field: 'pipeline', from: 'report', to: 'summary' }] },
      {
        name: change,
        pipeline: 'summary',
        changes: [
          { field: 'pipeline', from: 'report', to: 'summary' },
          { field: 'cron', from: ['0 0 * * *'], to: ['0 * * * *', '0 0 6,7 * * * 2030', '0 7 * * *'] },
          { field: 'interval', from: [], to: ['every 1d'] },
          { field: 'timezone', from: 'UTC', to: 'Asia/Tokyo' },
          { field: 'jitter', from: 'none', to: '1m' },
          { field: 'overlap', from: 'skip', to: 'allowAll' },
          { field: 'catchupWindow', from: '1d', to: '1h' },
          { field: 'pauseOnFailure', from: false, to: true },
          { field: 'startAt', from: null, to: '2026-01-01T00:00:00Z' },
          { field: 'endAt', from: null, to: '2100-01-01T00:00:00Z' },
          { field: 'params', from: {}, to: { day: '{{ scheduled_date }}' } },
          { field: 'tags', from: [], to: ['x'] },
        ],
      },
    ],
    delete: [{ name: move, pipeline: 'report' }],
    same: [],
  });
  expect(await all.sync([after])).toEqual(difference);
  expect(await all.difference([after])).toEqual({ create: [], change: [], delete: [], same: [keep, change] });
  expect(await all.show(change)).toMatchObject({
    paused: true,
    note: 'by hand',
    timezone: 'Asia/Tokyo',
    pipeline: 'summary',
    source: 'code',
  });
  expect(await all.show(hand)).toMatchObject({ source: 'command', pipeline: 'report' });

  // Where the code says whether it is paused, that holds.
  const resumed = report([{ name: change, cron: '@hourly', paused: false }]);
  expect((await all.difference([resumed])).change[0]?.changes).toContainEqual({ field: 'paused', from: true, to: false });
  await all.sync([resumed]);
  expect(await all.show(change)).toMatchObject({
    paused: false,
    cron: ['0 * * * *'],
    interval: [],
    jitter: 'none',
    endAt: null,
    params: {},
  });
});

it('sees what somebody changed on the server', async () => {
  const name = named('changed');
  const code = report([{ name, cron: '0 6 * * *' }]);
  await all.sync([code]);
  const { client } = (await project.session()).temporal;
  await client.schedule.getHandle(name).update((found) => ({ ...found, spec: { cronExpressions: ['*/10 7 * * 0'] } }));
  const { change } = await all.difference([code]);
  expect(change).toEqual([{ name, pipeline: 'report', changes: [{ field: 'cron', from: ['*/10 7 * * 0'], to: ['0 6 * * *'] }] }]);
});

it('refuses names that are taken, and params that the pipeline does not take', async () => {
  const hand = named('by-hand');
  await all.create('report', { name: hand, cron: '@daily' });
  await expect(all.sync([report([{ name: hand, cron: '@daily' }])])).rejects.toThrow(
    new UsageError(
      `schedule '${hand}' was made by 'flowyml schedule create', and pipeline 'report' has one of that name: delete it, or rename one`,
    ),
  );
  const foreign = named('foreign');
  const { client } = (await project.session()).temporal;
  const action = { type: 'startWorkflow' as const, workflowType: 'w', taskQueue: 'nobody' };
  await client.schedule.create({ scheduleId: foreign, spec: { intervals: [{ every: '1 day' }] }, action, state: { paused: true } });
  await expect(all.sync([report([{ name: foreign, cron: '@daily' }])])).rejects.toThrow(/was not made by flowyml/);
  await client.schedule.getHandle(foreign).delete();
  const one = { name: named('one'), cron: '@daily' };
  await expect(all.sync([report([one]), pipeline('other', { steps: [say], schedule: one })])).rejects.toThrow(
    new UsageError(`pipelines 'report' and 'other' both have a schedule '${one.name}': give one another 'name'`),
  );
  await expect(all.sync([report([{ ...one, params: { dya: 1 } }])])).rejects.toThrow(
    new PlanError(`schedule '${one.name}' of pipeline 'report'`, ["unknown param 'dya'; did you mean 'day'?"]),
  );
});

it('by the command shows the difference, and changes nothing unless it is told to', async () => {
  const name = named('command');
  project.write(
    'pipelines/p.ts',
    `import { pipeline, step } from 'flowyml';
     export const p = pipeline('p', { steps: [step({ name: 's' }, () => {})], schedule: { name: '${name}', cron: '@daily' } });`,
  );
  for (const { name } of await all.list()) await all.delete(name);
  await until(async () => (await all.list()).length === 0, 'the list to be empty');
  const first = await project.flowyml('schedule', 'sync');
  expect(first).toEqual({
    code: 0,
    stdout: `+ ${name}: to create, for pipeline p\n`,
    stderr: 'Nothing is changed: flowyml schedule sync --yes does it.\n',
  });
  expect(await all.difference([])).toMatchObject({ delete: [] });
  const second = await project.flowyml('schedule', 'sync', '--yes');
  expect([second.code, second.stdout]).toEqual([0, `+ ${name}: to create, for pipeline p\nDone.\n`]);
  expect(second.stderr).toBe("No worker serves pipeline 'p' now: its runs wait until one does ('flowyml worker').\n");
  const third = await project.flowyml('schedule', 'sync', '--dry-run', '--json');
  expect(JSON.parse(third.stdout)).toEqual({ create: [], change: [], delete: [], same: [name], applied: false });
});
