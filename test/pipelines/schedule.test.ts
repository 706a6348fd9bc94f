import { describe, expect, it } from 'vitest';
import { formatCalendar } from '../../pipelines/calendar.ts';
import { parseCron } from '../../pipelines/cron.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { type PipelineOptions, pipeline } from '../../pipelines/pipeline.ts';
import { parseSchedule, parseSchedules, type ScheduleOptions } from '../../pipelines/schedule.ts';
import { nextTimes } from '../../pipelines/schedule-times.ts';

const cron = (text: string) => formatCalendar(parseCron(text, 'cron'));
const times = (options: ScheduleOptions, from: string, count = 3) =>
  nextTimes(options, { from: new Date(from), count }).map((at) => at.toISOString().replace('.000Z', 'Z'));

describe('cron', () => {
  it.each([
    ['0 6 * * 1-5', '0 6 * * 1-5'],
    ['*/15 * * * *', '*/15 * * * *'],
    ['0,30 9-17/2 1,15 JAN,jul MON', '0,30 9,11,13,15,17 1,15 1,7 1'],
    ['5/20 0 * * 5-7', '5,25,45 0 * * 0,5,6'],
    ['0 0 * * 0-7', '0 0 * * *'],
    ['0 0 * * FRI-SUN', '0 0 * * 0,5,6'],
    ['0 0 * * SUN-0', '0 0 * * 0'],
    ['30 0 6 * * * 2026-2027', '30 0 6 * * * 2026,2027'],
    ['0 0 6 * * 1 *', '0 6 * * 1'],
    ['@daily', '0 0 * * *'],
    ['@weekly', '0 0 * * 0'],
    ['0 0 1-31 1-12 *', '0 0 * * *'],
  ])('%s is %s', (text, meant) => expect(cron(text)).toBe(meant));

  it.each([
    [
      '* * *',
      "cron '* * *' has 3 fields: expected 5 (minute, hour, day of month, month, day of week), or 7 with seconds first and years last",
    ],
    [
      '0 0 6 * * *',
      "cron '0 0 6 * * *' has 6 fields: expected 5 (minute, hour, day of month, month, day of week), or 7 with seconds first and years last",
    ],
    ['99 * * * *', "cron '99 * * * *': minute: '99' is out of range: 0 to 59"],
    ['0 6 * * FUN', "cron '0 6 * * FUN': dayOfWeek: 'FUN' is out of range: 0 to 6, or SUN to SAT"],
    ['0 22-2 * * *', "cron '0 22-2 * * *': hour: '22-2' ends before it begins"],
    ['0 6 L * *', "cron '0 6 L * *': dayOfMonth: 'L' is out of range: 1 to 31"],
    ['*/0 * * * *', "cron '*/0 * * * *': minute: '*/0' has a step of 0"],
    ['1--2 * * * *', "cron '1--2 * * * *': minute: '1--2' is not understood: expected '*', a value, 'a-b', 'a,b' or '*/n'"],
    ['@dayly', "cron '@dayly': there is no such shorthand; did you mean '@daily'?"],
    ['@every 3h', "cron '@every 3h': give it as 'interval'"],
    ['CRON_TZ=UTC 0 6 * * *', "cron 'CRON_TZ=UTC 0 6 * * *': give the time zone as 'timezone'"],
  ])('%s is refused', (text, message) => expect(() => cron(text)).toThrow(new UsageError(message)));
});

describe('the option', () => {
  it('has defaults; the catch-up window is among them', () => {
    expect(parseSchedules('training', { interval: '6 hours' })).toEqual([
      {
        name: 'training',
        calendars: [],
        intervals: [{ everyMs: 21_600_000, offsetMs: 0 }],
        timezone: 'UTC',
        jitterMs: 0,
        overlap: 'skip',
        catchupWindowMs: 86_400_000,
        pauseOnFailure: false,
        params: {},
        tags: [],
      },
    ]);
    expect(parseSchedules('training', undefined)).toEqual([]);
  });

  it('may be several, each with a name', () => {
    const options = { schedule: [{ cron: '@daily' }, { name: 'hourly', cron: ['@hourly', '30 * * * *'] }] } satisfies PipelineOptions;
    expect(parseSchedules('training', pipeline('training', options).options.schedule).map(({ name }) => name)).toEqual([
      'training',
      'hourly',
    ]);
  });

  const daily = { cron: '@daily' };
  it.each<[object, string]>([
    [{}, 'schedule: say when: at least one of cron, interval and calendars'],
    [{ corn: '@daily' }, "schedule: unknown option 'corn'; did you mean 'cron'?"],
    [{ cron: '0 25 * * *' }, "schedule: cron '0 25 * * *': hour: '25' is out of range: 0 to 23"],
    [{ cron: 6 }, "schedule: cron: expected a string such as '0 6 * * 1-5'"],
    [{ name: 'every day', ...daily }, `schedule: schedule name "every day" is not allowed: use 1 to 64 letters, digits, '_' or '-'`],
    [
      { interval: '6 ours' },
      `schedule: interval: every: "6 ours" is not a duration; give milliseconds or a string such as '30 s', '10 minutes' or '7 days'`,
    ],
    [{ interval: 10 }, 'schedule: interval: expected whole seconds, at least 1'],
    [{ interval: { every: '1 h', offset: '2 h' } }, 'schedule: interval: offset must be less than every'],
    [{ interval: { every: '1 h', ofset: '2 m' } }, "schedule: interval: unknown option 'ofset'; did you mean 'offset'?"],
    [{ calendars: [{ our: 6 }] }, "schedule: calendars: unknown field 'our'; did you mean 'hour'?"],
    [{ calendars: [{ month: 13 }] }, "schedule: calendars: month: '13' is out of range: 1 to 12, or JAN to DEC"],
    [{ calendars: ['@daily'] }, "schedule: calendars: expected an object such as { hour: 6, dayOfWeek: 'MON-FRI' }"],
    [{ ...daily, timezone: 'Europe/Berln' }, `schedule: timezone: "Europe/Berln" is not a time zone; did you mean 'Europe/Berlin'?`],
    [{ ...daily, timezone: 'europe/berlin' }, `schedule: timezone: "europe/berlin" is not a time zone; did you mean 'Europe/Berlin'?`],
    [{ ...daily, timezone: '+02:00' }, `schedule: timezone: "+02:00" is not a time zone; expected a name such as 'Europe/Berlin' or 'UTC'`],
    [
      { ...daily, jitter: -1 },
      `schedule: jitter: -1 is not a duration; give milliseconds or a string such as '30 s', '10 minutes' or '7 days'`,
    ],
    [{ ...daily, overlap: 'skipp' }, `schedule: overlap: "skipp" is unknown; did you mean 'skip'?`],
    [{ ...daily, catchupWindow: '1 s' }, 'schedule: catchupWindow: at least 10 s is needed'],
    [{ ...daily, pauseOnFailure: 'yes' }, 'schedule: pauseOnFailure: expected true or false, not "yes"'],
    [{ ...daily, paused: 1 }, 'schedule: paused: expected true or false, not 1'],
    [
      { ...daily, startAt: '2026-03-01T06:00' },
      `schedule: startAt: "2026-03-01T06:00" is not a time; expected ISO 8601 with its zone, such as '2026-03-01' (UTC) or '2026-03-01T06:00:00+01:00', or a Date`,
    ],
    [
      { ...daily, startAt: '2026-03-02', endAt: new Date('2026-03-01') },
      'schedule: endAt (2026-03-01T00:00:00Z) is not after startAt (2026-03-02T00:00:00Z)',
    ],
    [
      { ...daily, endAt: '2026-02-30' },
      `schedule: endAt: "2026-02-30" is not a time; expected ISO 8601 with its zone, such as '2026-03-01' (UTC) or '2026-03-01T06:00:00+01:00', or a Date`,
    ],
    [{ ...daily, params: ['a'] }, 'schedule: params: expected an object with a value for each param'],
    [{ ...daily, tags: [1] }, 'schedule: tags: expected text, not 1'],
    [{ ...daily, note: 1 }, 'schedule: note: expected text, not 1'],
  ])('%j is refused when the pipeline is made', (schedule, message) => {
    expect(() => pipeline('p', { schedule } as PipelineOptions)).toThrow(new UsageError(`pipeline 'p': ${message}`));
  });

  it.each<[unknown, string]>([
    ['@daily', "pipeline 'p': schedule: expected an object such as { cron: '0 6 * * 1-5' }, or several in an array"],
    [[daily, daily], "pipeline 'p': two schedules are named 'p': give each a 'name' of its own"],
    [[daily, {}], "pipeline 'p': schedule[1]: say when: at least one of cron, interval and calendars"],
  ])('%j is none', (schedule, message) => {
    expect(() => pipeline('p', { schedule } as PipelineOptions)).toThrow(new UsageError(message));
  });

  it('takes times of all kinds', () => {
    const { startAt, endAt } = parseSchedule(
      { cron: '@daily', startAt: '2026-03-01T06:00:00+01:00', endAt: new Date(86_400_000 * 30_000) },
      { name: 'p', where: '' },
    );
    expect([startAt, endAt]).toEqual(['2026-03-01T05:00:00Z', '2052-02-20T00:00:00Z']);
  });
});

describe('nextTimes', () => {
  const berlin = (text: string) => ({ cron: text, timezone: 'Europe/Berlin' });
  it('follows the clocks of the time zone', () =>
    expect(times(berlin('0 6 * * *'), '2026-03-28T00:00:00Z')).toEqual([
      '2026-03-28T05:00:00Z',
      '2026-03-29T04:00:00Z',
      '2026-03-30T04:00:00Z',
    ]));
  it('leaves out what clocks skip', () =>
    expect(times(berlin('30 2 * * *'), '2026-03-28T00:00:00Z')).toEqual([
      '2026-03-28T01:30:00Z',
      '2026-03-30T00:30:00Z',
      '2026-03-31T00:30:00Z',
    ]));
  it('has twice what they show twice', () =>
    expect(times(berlin('30 2 * * *'), '2026-10-24T12:00:00Z')).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:30:00Z',
      '2026-10-26T01:30:00Z',
    ]));
  it('joins what several say, once each', () =>
    expect(times({ cron: ['0 6 * * *', '@hourly'], interval: '30 m' }, '2026-01-01T05:00:00Z')).toEqual([
      '2026-01-01T05:30:00Z',
      '2026-01-01T06:00:00Z',
      '2026-01-01T06:30:00Z',
    ]));
  it('is after its start, with it; and ends', () => {
    expect(times({ cron: '@daily', startAt: '2026-03-01', endAt: '2026-03-02' }, '2026-01-01T00:00:00Z')).toEqual([
      '2026-03-01T00:00:00Z',
      '2026-03-02T00:00:00Z',
    ]);
    expect(times({ cron: '0 0 30 2 *' }, '2026-01-01T00:00:00Z')).toEqual([]);
    expect(times({ cron: '@daily' }, '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-02T00:00:00Z']);
  });
  it('asks both days where both are given', () =>
    expect(times({ cron: '0 0 1 * MON' }, '2026-01-01T00:00:00Z', 1)).toEqual(['2026-06-01T00:00:00Z']));
});
