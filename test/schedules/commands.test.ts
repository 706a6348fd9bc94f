import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScheduleDetails, ScheduleSummary } from '../../client/schedules/index.ts';
import type { Session } from '../../client/session.ts';
import { openShell, type Shell } from '../cli/call-many.ts';
import { makeProject, type TestProject, until } from '../support/project.ts';
import { PIPELINES } from './pipelines.ts';

// The command, on a real server; nothing here waits for a time of day.
let project: TestProject;
let session: Session;
let shell: Shell;
const used = new Set<string>();
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': PIPELINES });
  session = await project.session();
  shell = openShell(project);
  await project.start('worker').until(/ serves /, 60_000);
});
afterAll(async () => {
  shell?.close();
  for (const name of used)
    await session.temporal.client.schedule
      .getHandle(name)
      .delete()
      .catch(() => {});
  await project.remove();
});

/** The namespace is shared by all tests. */
const named = (name: string) => {
  used.add(`${project.name}-${name}`);
  return `${project.name}-${name}`;
};
const schedule = (...args: string[]) => shell.call({ args: ['schedule', ...args] });
async function json<T>(...args: string[]): Promise<T> {
  const { stdout, stderr } = await schedule(...args, '--json');
  expect(stdout, stderr).not.toBe('');
  return JSON.parse(stdout) as T;
}
const shown = (name: string) => json<ScheduleDetails>('show', name);

describe('schedule', () => {
  it('create tells the server all that it was told', async () => {
    const name = named('all');
    const made = await json<ScheduleSummary>(
      ...['create', name, 'daily', '--cron', '0 6 * * 1-5', '--cron', '@monthly', '--interval', '1 day/3 hours'],
      ...[
        '--calendar',
        '{"hour":[7,8],"month":"JAN-MAR","second":30}',
        '--timezone',
        'Europe/Berlin',
        '--jitter',
        '5 min',
        '--overlap',
        'bufferOne',
      ],
      ...[
        '--catchup-window',
        '2 hours',
        '--pause-on-failure',
        '--start-at',
        '2100-01-01',
        '--end-at',
        '2100-12-31T12:00:00+01:00',
        '--paused',
      ],
      ...['-p', 'bad={{ scheduled_time }}', '--tag', 'nightly', '--note', 'not yet'],
    );
    const expected = {
      name,
      pipeline: 'daily',
      cron: ['0 0 1 * *', '0 6 * * 1-5', '30 0 7,8 * 1-3 * *'],
      interval: ['every 1d, offset 3h'],
      timezone: 'Europe/Berlin',
      jitter: '5m',
      overlap: 'bufferOne',
      catchupWindow: '2h',
      pauseOnFailure: true,
      startAt: '2100-01-01T00:00:00Z',
      endAt: '2100-12-31T11:00:00Z',
      params: { bad: '{{ scheduled_time }}' },
      tags: ['nightly'],
      source: 'command',
      paused: true,
      note: 'not yet',
    };
    expect(made).toMatchObject(expected);
    const { policies, action, memo } = await session.temporal.client.schedule.getHandle(name).describe();
    expect(policies).toEqual({ overlap: 'BUFFER_ONE', catchupWindow: 7_200_000, pauseOnFailure: true });
    expect(action).toMatchObject({
      workflowType: 'daily',
      workflowId: name,
      taskQueue: project.name,
      staticSummary: 'A day.',
      args: [{ params: { bad: '{{ scheduled_time }}' }, tags: ['nightly'], timezone: 'Europe/Berlin' }],
    });
    expect(memo).toEqual({ flowyml: { project: project.name, source: 'command' } });
    expect((await schedule('create', name, 'daily', '--cron', '@daily')).stderr).toBe(
      `flowyml: there is a schedule '${name}' already: delete it first (flowyml schedule delete), or choose another name\n`,
    );
    await until(async () => (await json<ScheduleSummary[]>('list')).some((each) => each.name === name), 'it to be listed');
    const { code, stdout } = await schedule('show', name);
    expect(code).toBe(0);
    expect(stdout).toContain(`runs        0 0 1 * *; 0 6 * * 1-5; 30 0 7,8 * 1-3 * * (Europe/Berlin), every 1d, offset 3h`);
    expect(stdout).toContain('No runs yet.');
    expect((await schedule('delete', name)).code).toBe(0);
    expect((await schedule('show', name)).stderr).toContain(`there is no schedule '${name}'`);
  });

  it('sends the catch-up window where nobody speaks of it, and starts on a time given to modules too', async () => {
    const name = named('module');
    await json('create', name, 'pipelines/p.ts#daily', '--interval', '1 d');
    expect((await session.temporal.client.schedule.getHandle(name).describe()).policies).toMatchObject({
      overlap: 'SKIP',
      catchupWindow: 86_400_000,
    });
  });

  it.each([
    [['--cron', '0 25 * * *'], "schedule: cron '0 25 * * *': hour: '25' is out of range: 0 to 23"],
    [[], 'schedule: say when: at least one of cron, interval and calendars'],
    [['--interval', '1d/2h/3h'], "--interval 1d/2h/3h: expected EVERY or EVERY/OFFSET, such as '1 day/3 hours'"],
    [['--calendar', '{hour:6}'], `--calendar {hour:6}: expected JSON such as '{"hour":6,"dayOfWeek":"MON-FRI"}'`],
    [['--cron', '@daily', '--overlap', 'skipp'], `schedule: overlap: "skipp" is unknown; did you mean 'skip'?`],
    [['--cron', '@daily', '-p', 'dya=1'], "unknown param 'dya'; did you mean 'day'?"],
    [['--cron', '@daily', '-p', 'day=never'], "param 'day' of step 'say': Invalid ISO date"],
    [
      ['--cron', '@daily', '-p', 'day={{ scheduled_dat }}'],
      "param 'day': {{ scheduled_dat }} is not known; did you mean 'scheduled_date'?",
    ],
  ])('create refuses %j', async (args, message) => {
    const { code, stderr } = await schedule('create', named('wrong'), 'daily', ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('refuses what is not the project’s, and says the nearest name', async () => {
    const name = named('foreign');
    const { client } = session.temporal;
    const spec = { intervals: [{ every: '1 day' as const }] };
    const action = { type: 'startWorkflow' as const, workflowType: 'w', taskQueue: 'nobody' };
    await client.schedule.create({ scheduleId: name, spec, action, state: { paused: true } });
    const other = named('other');
    await client.schedule.create({
      scheduleId: other,
      spec,
      action,
      state: { paused: true },
      memo: { flowyml: { project: 'shop', source: 'code' } },
    });
    const not = `schedule '${name}' was not made by flowyml: this is project '${project.name}'; choose another name`;
    for (const args of [
      ['show', name],
      ['pause', name],
      ['delete', name],
      ['trigger', name],
      ['backfill', name, '--from', '2026-01-01', '--to', '2026-01-02'],
    ])
      expect((await schedule(...args)).stderr).toBe(`flowyml: ${not}\n`);
    expect((await schedule('create', name, 'tiny', '--cron', '@daily', '-p', 'at=x')).stderr).toBe(`flowyml: ${not}\n`);
    expect((await schedule('resume', other)).stderr).toBe(
      `flowyml: schedule '${other}' belongs to project 'shop': this is project '${project.name}'; choose another name\n`,
    );
    expect((await schedule('create', named('x'), 'dayly', '--cron', '@daily')).stderr).toBe(
      "flowyml: no module of the project has a pipeline 'dayly'; did you mean 'daily'?\n",
    );
  });

  it('trigger starts a run that stands for its moment; pause and resume keep their notes', async () => {
    const name = named('trigger');
    await json('create', name, 'daily', '--cron', '0 0 1 1 *', '--timezone', 'Pacific/Kiritimati', '--note', 'made');
    expect((await schedule('pause', name, '--note', 'holidays')).code).toBe(0);
    expect(await shown(name)).toMatchObject({
      paused: true,
      note: 'holidays',
      next: expect.arrayContaining([expect.stringMatching(/-12-31T10:00:00Z$/)]),
    });
    const { runId } = await json<{ runId: string }>('trigger', name);
    const at = runId.slice(name.length + 1);
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const day = new Date(Date.parse(at) + 14 * 3_600_000).toISOString().slice(0, 10);
    await until(async () => (await shown(name)).runs[0]?.status === 'succeeded', 'the run to end');
    expect(await shown(name)).toMatchObject({ taken: 1, runs: [{ runId, scheduledTime: at, status: 'succeeded', by: 'schedule' }] });
    const { stdout } = await project.flowyml('runs', 'show', runId, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ status: 'succeeded', steps: { say: { outputs: { said: { value: `${day} at ${at}` } } } } });
    expect((await schedule('resume', name)).code).toBe(0);
    expect(await shown(name)).toMatchObject({ paused: false, note: 'resumed' });
  });

  it('backfill reports, ends with 1 where a run failed, and has nothing to do in the future', async () => {
    const name = named('backfill');
    await json('create', name, 'daily', '--cron', '@daily', '-p', `bad=${project.root}`);
    project.write('2026-01-02', '');
    const range = ['--from', '2026-01-01', '--to', '2026-01-03'];
    const first = await schedule('backfill', name, ...range);
    expect(first.code, first.stderr).toBe(1);
    expect(first.stdout).toContain(`3 started: 2 succeeded, 1 failed\nFailed`);
    expect(first.stdout).toContain(`  ${name}-2026-01-02T00:00:00Z\n`);
    const again = await schedule('backfill', name, ...range);
    expect([again.code, again.stdout]).toEqual([
      0,
      '0 started: 0 succeeded, 0 failed\n3 were there already, 1 of them failed: --retry-failed runs these again\n',
    ]);
    const detached = await json<{ workflowId: string }>(
      'backfill',
      name,
      '--from',
      '2026-01-01T00:00:00Z',
      '--to',
      '2026-01-04T00:00:00Z',
      '--detach',
    );
    expect(await session.temporal.client.workflow.getHandle(detached.workflowId).result()).toMatchObject({ started: 1, succeeded: 1 });
    for (const [args, message] of [
      [
        ['--from', '2090-01-01', '--to', '2090-01-02'],
        `all times of schedule '${name}' from 2090-01-01T00:00:00Z to 2090-01-02T23:59:59Z are still to come`,
      ],
      [['--from', '2026-01-02', '--to', '2026-01-01'], 'to (2026-01-01) is before from (2026-01-02)'],
      [['--from', '2026-02-30', '--to', '2026-03-01'], "from: '2026-02-30' is neither a day of the schedule's time zone"],
      [['--from', '2026-01-01T01:00:00Z', '--to', '2026-01-01T02:00:00Z'], `schedule '${name}' has no time from`],
      [['--from', '2026-01-01', '--to', '2026-01-02', '--concurrency', '0'], '--concurrency: "0" is not a whole number of at least 1'],
      [['--from', '2026-01-01', '--to', '2026-01-02', '--concurrency', '501'], 'concurrency: 501 is not a whole number from 1 to 500'],
    ] as const) {
      const { code, stderr } = await schedule('backfill', name, ...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
  });
});

describe('overlap', () => {
  const gate = (name: string) => `${project.root}/gate-${name}`;
  const create = (name: string, overlap: string) =>
    json('create', name, 'waiting', '--cron', '0 0 1 1 *', '--overlap', overlap, '-p', `gate=${gate(name)}`);

  it('skip starts nothing while a run goes on, and says so', async () => {
    const name = named('skip');
    await create(name, 'skip');
    const { runId } = await json<{ runId: string }>('trigger', name);
    const second = await schedule('trigger', name);
    expect(second.stdout).toBe('Not started: a run of it is still going on: --overlap allowAll starts one all the same.\n');
    expect(await shown(name)).toMatchObject({
      running: [runId],
      taken: 1,
      skipped: { overlap: 1, missedCatchupWindow: 0, bufferDropped: 0 },
    });
    expect((await schedule('show', name)).stdout).toContain(
      "skipped     1 as a run was still going on: 'flowyml schedule backfill' runs them",
    );
    const third = await json<{ runId: string }>('trigger', name, '--overlap', 'allowAll');
    expect(third.runId).toMatch(new RegExp(`^${name}-2`));
    expect(third.runId).not.toBe(runId);
    project.write(`gate-${name}`, '');
    await until(async () => (await shown(name)).runs.filter(({ status }) => status === 'succeeded').length === 2, 'both to end');
  });

  it('bufferOne starts one when it has ended', async () => {
    const name = named('buffer');
    await create(name, 'bufferOne');
    await json('trigger', name);
    expect(await json('trigger', name)).toEqual({ runId: null, reason: 'buffered' });
    expect(await shown(name)).toMatchObject({ buffered: 1 });
    project.write(`gate-${name}`, '');
    await until(async () => (await shown(name)).taken === 2, 'the second to start');
  });

  it('terminateOther ends the run that goes on', async () => {
    const name = named('terminate');
    await create(name, 'terminateOther');
    const first = await json<{ runId: string }>('trigger', name);
    const second = await json<{ runId: string }>('trigger', name);
    expect(second.runId).not.toBe(first.runId);
    await until(
      async () => (await shown(name)).runs.some(({ runId, status }) => runId === first.runId && status === 'cancelled'),
      'the first to be ended',
    );
    project.write(`gate-${name}`, '');
  });
});
