import { approval, pipeline, step } from 'flowyml';
import { z } from 'zod';

const series = z.array(z.number());

export const loadVisits = step({ name: 'load_visits', params: { url: z.string() }, outputs: { visits: series } }, async ({ url }, run) => {
  const answer = await fetch(url, { signal: run.signal });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return series.parse(await answer.json());
});

export const fit = step(
  {
    name: 'fit',
    inputs: { visits: series },
    params: { window: z.number().int().positive().default(3) },
    outputs: { forecast: z.number() },
  },
  ({ visits, window }, run) => {
    const last = visits.slice(-window);
    const forecast = last.reduce((sum, day) => sum + day, 0) / last.length;
    run.metric('forecast', forecast);
    return forecast;
  },
);

export const review = approval({ name: 'review', after: [fit], message: 'Publish this forecast?', timeout: '7 days', onTimeout: 'reject' });

export const publish = step(
  { name: 'publish', inputs: { forecast: z.number() }, after: [review], outputs: { published: z.string() } },
  ({ forecast }) => `${Math.round(forecast)} visits tomorrow`,
);

export default pipeline('visit_forecast', {
  description: 'Tomorrow, as the mean of the last days; a person publishes it.',
  steps: [loadVisits, fit, review, publish],
  context: { url: 'https://example.org/visits.json' },
});
