import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Schedules, schedules } from '../../client/schedules/index.ts';
import { findSchedule } from '../../client/schedules/owned.ts';
import { matchingTimes } from '../../client/schedules/times.ts';
import type { Session } from '../../client/session.ts';
import { parseSchedule, type ScheduleOptions } from '../../pipelines/schedule.ts';
import { timesOf } from '../../pipelines/schedule-times.ts';
import { makeProject, type TestProject } from '../support/project.ts';

// What `nextTimes` computes is what the server would do.
let project: TestProject;
let session: Session;
let all: Schedules;
beforeAll(async () => {
  project = await makeProject();
  session = await project.session();
  all = schedules(session);
});
afterAll(() => project.remove());

const CASES: ScheduleOptions[] = [
  { cron: '30 2 * * *', timezone: 'Europe/Berlin', endAt: '2026-10-01' }, // see below
  { cron: '0 3 * * *', timezone: 'Europe/Berlin' },
  { cron: '30 1 * * SUN', timezone: 'America/New_York' },
  { cron: '0 0 * * *', timezone: 'America/Santiago' }, // where midnight is skipped
  { cron: '15 */6 1,15,31 * *', timezone: 'Asia/Kolkata' },
  { cron: ['0 0 29 2 *', '0 12 1-7 */3 1-5/2'] },
  { cron: '45 59 23 28-31 * * 2026' },
  { cron: '0 4 * * *', timezone: 'Australia/Lord_Howe' }, // half an hour of summer time
  { cron: '0 12 30,31 12 *', timezone: 'Pacific/Apia' },
  { interval: ['7 h', { every: '1 day', offset: '3 h' }] },
  { interval: '28 days', cron: '@monthly', timezone: 'Asia/Tokyo' },
  { calendars: [{ hour: [6, '18-20'], dayOfWeek: 'FRI-SUN', month: ['JAN', 6, '10-12'] }], timezone: 'Europe/London' },
  { cron: '@weekly', startAt: '2026-03-08', endAt: '2026-10-25' },
];

describe.each(CASES)('%j', (options) => {
  it('has the times that the server lists', async () => {
    const name = `${project.name}-times`;
    await all.create('p', { ...options, name, paused: true });
    try {
      const found = await findSchedule(session.temporal.client, name);
      const [from, to] = [Date.UTC(2026, 0, 1) / 1000, Date.UTC(2028, 3, 1) / 1000];
      const listed = found ? await matchingTimes(session.temporal.client, found, { from, to }) : [];
      expect(listed.length).toBeGreaterThan(0);
      const computed = timesOf(parseSchedule(options, { name, where: '' }), from * 1000 - 1, listed.length + 1);
      expect(computed.filter((at) => at <= to * 1000).map((at) => new Date(at).toISOString())).toEqual(
        listed.map((at) => new Date(at * 1000).toISOString()),
      );
    } finally {
      await all.delete(name);
    }
  });
});

it('but for times that clocks show twice, east of Greenwich: there the server takes the second only', async () => {
  const name = `${project.name}-twice`;
  const options = { name, cron: '30 2 * * *', timezone: 'Europe/Berlin' };
  await all.create('p', { ...options, paused: true });
  const found = await findSchedule(session.temporal.client, name);
  const [from, to] = [Date.UTC(2026, 9, 25) / 1000, Date.UTC(2026, 9, 25, 12) / 1000];
  const [first, second] = timesOf(parseSchedule(options, { name, where: '' }), from * 1000, 2);
  expect([first, second]).toEqual([Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30)]);
  expect(found && (await matchingTimes(session.temporal.client, found, { from, to }))).toEqual([(second ?? 0) / 1000]);
  await all.delete(name);
});

it('jitter is no part of the times that runs are named by', async () => {
  const name = `${project.name}-jitter`;
  await all.create('p', { name, cron: '@daily', jitter: '12 h', paused: true });
  const found = await findSchedule(session.temporal.client, name);
  const day = Date.UTC(2026, 0, 1) / 1000;
  expect(found && (await matchingTimes(session.temporal.client, found, { from: day, to: day + 86_400 }))).toEqual([day, day + 86_400]);
  await all.delete(name);
});
