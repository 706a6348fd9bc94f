import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const sale = z.object({ shop: z.string(), euros: z.number() });

/** Sales of a day, always the same for the same day: in life, a query with the day in it. */
export const loadSales = step(
  {
    name: 'load_sales',
    params: { day: z.iso.date().describe('the day to report on') },
    outputs: { sales: z.array(sale) },
  },
  ({ day }) => {
    const seed = Number(day.replaceAll('-', ''));
    return ['north', 'south', 'west'].map((shop, i) => ({ shop, euros: ((seed * (i + 7)) % 997) + 100 }));
  },
);

export const report = step(
  {
    name: 'report',
    inputs: { sales: z.array(sale) },
    params: { day: z.iso.date() },
    outputs: { line: z.string() },
  },
  ({ sales, day }, run) => {
    run.log.info('scheduled', { for: run.scheduledTime ?? 'nobody' });
    return `${day}: ${sales.reduce((sum, { euros }) => sum + euros, 0)} euros in ${sales.length} shops`;
  },
);

export default pipeline('daily_sales', {
  description: 'A report on a day: the one it is scheduled for, be it today or last March.',
  steps: [loadSales, report],
  // In a run that nobody scheduled: the day on which it starts.
  context: { day: '{{ scheduled_date }}' },
  schedule: {
    cron: '0 22 * * 1-6',
    timezone: 'Europe/Berlin',
    jitter: '5 minutes', // a little later each time, by chance
    catchupWindow: '12 hours', // Temporal was away: a report that is later than that is left out
    pauseOnFailure: true,
    tags: ['nightly'],
  },
});
