import { describe, expect, it } from 'vitest';
import { expandScheduled } from '../../pipelines/scheduled-params.ts';

const time = { time: '2026-03-31T22:30:00.000Z', timezone: 'Europe/Berlin' };

describe('params', () => {
  it('get the time, and the day in the time zone, wherever they stand', () => {
    const params = { at: '{{ scheduled_time }}', paths: [{ day: 's3://x/{{scheduled_date}}/{{ scheduled_date }}' }], n: 1, no: null };
    expect(expandScheduled(params, time)).toEqual({
      params: { at: '2026-03-31T22:30:00Z', paths: [{ day: 's3://x/2026-04-01/2026-04-01' }], n: 1, no: null },
      expanded: true,
      problems: [],
    });
    expect(expandScheduled({ day: '{{ scheduled_date }}' }, { time: time.time }).params).toEqual({ day: '2026-03-31' });
  });

  it('keep all other text in braces', () => {
    const params = { mail: 'Dear {{ name }}, {{#each items}}{{ . }}{{/each}} {% if scheduled %} {{ run.scheduled }} {scheduled_time}' };
    expect(expandScheduled(params, time)).toEqual({ params, expanded: false, problems: [] });
  });

  it.each([
    ['{{ scheduled_tme }}', "param 'x': {{ scheduled_tme }} is not known; did you mean 'scheduled_time'?"],
    ['{{Scheduled_Date}}', "param 'x': {{Scheduled_Date}} is not known; did you mean 'scheduled_date'?"],
    ['{{ scheduled_time | date }}', "param 'x': {{ scheduled_time | date }} is not known; did you mean 'scheduled_time'?"],
  ])('%s is almost one of ours, and refused', (x, problem) => expect(expandScheduled({ x }, time).problems).toEqual([problem]));
});
