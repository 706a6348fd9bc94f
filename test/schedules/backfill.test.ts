import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Schedules, schedules } from '../../client/schedules/index.ts';
import type { Session } from '../../client/session.ts';
import { findRun, listRuns } from '../../metadata/index.ts';
import { makeProject, type TestProject, until } from '../support/project.ts';
import { PIPELINES } from './pipelines.ts';

let project: TestProject;
let session: Session;
let all: Schedules;
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': PIPELINES });
  await project.start('worker').until(/ serves /, 60_000);
  session = await project.session();
  all = schedules(session);
});
afterAll(async () => {
  for (const { name } of (await all?.list()) ?? []) await all.delete(name);
  await project.remove();
});

const named = (name: string) => `${project.name}-${name}`;
const runsOf = async (pipeline: string, name: string) =>
  (await listRuns(session.db, { pipeline, limit: 5000 })).filter(({ runId }) => runId.startsWith(`${name}-2`));

describe('a backfill', () => {
  it('of March computes March, in the time zone of the schedule', async () => {
    const name = named('march');
    await all.create('daily', { name, cron: '30 0 * * *', timezone: 'Europe/Berlin', jitter: '1 hour' });
    const backfill = await all.backfill(name, { from: '2026-03-01', to: '2026-03-31', concurrency: 10 });
    expect(await backfill.result()).toEqual({
      times: 31,
      future: 0,
      started: 31,
      existing: 0,
      existingFailed: 0,
      succeeded: 31,
      failed: 0,
      failures: [],
      left: 0,
    });
    const runs = await runsOf('daily', name);
    expect(runs.map(({ runId, params, status }) => [runId, params.day, status]).sort()).toEqual(
      Array.from({ length: 31 }, (_, i) => {
        const day = new Date(Date.UTC(2026, 2, i + 1));
        // Clocks went on to summer time on the 29th, after half past midnight.
        const at = new Date(day.getTime() + 30 * 60_000 - (i >= 29 ? 2 : 1) * 3_600_000).toISOString().slice(0, 19);
        return [`${name}-${at}Z`, day.toISOString().slice(0, 10), 'succeeded'];
      }),
    );
    const shown = await project.flowyml('artifact', 'get', `${name}-2026-03-30T22:30:00Z/say/said`);
    expect(JSON.parse(shown.stdout)).toBe('2026-03-31 at 2026-03-30T22:30:00Z');
  });

  it('of a year runs each day once: asked for twice at once, in parts, and again', async () => {
    const name = named('year');
    await all.create('tiny', { name, cron: '0 6 * * *', params: { at: '{{ scheduled_time }}' }, overlap: 'allowAll' });
    const year = { from: '2025-01-01', to: '2025-12-31', concurrency: 20 };
    const both = await Promise.all([
      all.backfill(name, year),
      all.backfill(name, year),
      all.backfill(name, { ...year, from: '2025-12-01' }),
    ]);
    expect(both[0]?.workflowId).toBe(both[1]?.workflowId);
    expect(both[2]?.workflowId).not.toBe(both[1]?.workflowId);
    const [one, same, part] = await Promise.all(both.map((backfill) => backfill.result()));
    expect(one).toEqual(same);
    expect(one).toMatchObject({ times: 365, failed: 0, left: 0 });
    expect((one?.started ?? 0) + (part?.started ?? 0)).toBe(365);
    expect(one?.existing).toBe(part?.started);
    const runs = await runsOf('tiny', name);
    expect(runs.map(({ params }) => params.at).sort()).toEqual(
      Array.from({ length: 365 }, (_, i) => `${new Date(Date.UTC(2025, 0, i + 1, 6)).toISOString().slice(0, 19)}Z`),
    );
    expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(['succeeded']));
    const again = await all.backfill(name, year);
    expect(again.workflowId).toBeUndefined();
    expect(await again.result()).toMatchObject({ times: 365, started: 0, existing: 365, succeeded: 0 });
    expect(await runsOf('tiny', name)).toHaveLength(365);
  });

  it('starts days that failed again only where it is told to', async () => {
    const name = named('again');
    const bad = join(project.root, 'bad');
    mkdirSync(bad);
    writeFileSync(join(bad, '2026-02-02'), '');
    await all.create('daily', { name, cron: '@daily', params: { bad } });
    const range = { from: '2026-02-01', to: '2026-02-03' };
    const failing = `${name}-2026-02-02T00:00:00Z`;
    expect(await (await all.backfill(name, range)).result()).toMatchObject({ started: 3, succeeded: 2, failed: 1, failures: [failing] });
    rmSync(bad, { recursive: true });
    expect(await (await all.backfill(name, range)).result()).toMatchObject({ started: 0, existing: 3, existingFailed: 1 });
    expect(await (await all.backfill(name, { ...range, retryFailed: true })).result()).toMatchObject({
      started: 1,
      existing: 2,
      succeeded: 1,
    });
    expect(await findRun(session.db, failing)).toMatchObject({ status: 'succeeded', params: { day: '2026-02-02' } });
  });

  it('leaves alone what the schedule has run', async () => {
    const name = named('both');
    await all.create('daily', { name, interval: '1 s', params: { day: '2026-01-01' } });
    const seconds = async () =>
      (await runsOf('daily', name)).filter(({ status }) => status === 'succeeded').map(({ startedAt }) => startedAt);
    await until(async () => (await seconds()).length >= 2, 'two runs of the schedule');
    await all.pause(name);
    const runs = await runsOf('daily', name);
    const [first, last] = [runs.at(-1), runs[0]].map((run) => run?.runId.slice(name.length + 1) ?? '');
    const backfill = await (await all.backfill(name, { from: first ?? '', to: last ?? '', concurrency: 5 })).result();
    // The schedule skips what is due while a run goes on.
    expect(backfill.existing).toBe(runs.length);
    expect(backfill.existing + backfill.started).toBe(backfill.times);
  });
});
