import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const WEEK = 7;
const sales = z.array(z.number());
const forecast = z.object({ method: z.string(), units: z.array(z.number()) });

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

export const loadSales = step(
  {
    name: 'load_sales',
    params: { days: z.int().min(1).default(5).describe('how many days of sales there are') },
    outputs: { sales },
  },
  ({ days }) => Array.from({ length: days }, (_, day) => 40 + (day % WEEK) * 6 + (day % 3)),
);

export const forecastDemand = step(
  {
    name: 'forecast_demand',
    description: 'Next week, by the days of the week. Of a new shop it knows too little.',
    inputs: { sales },
    outputs: { forecast },
    // Called with the error and the step's own arguments, after the last attempt.
    onFailure: (error, { sales }) => {
      console.log(`taking the mean: ${error.message}`);
      return { method: 'mean', units: Array(WEEK).fill(Math.round(mean(sales))) };
    },
  },
  ({ sales }) => {
    if (sales.length < 2 * WEEK) throw new RangeError(`two weeks of sales are needed, there are ${sales.length} days`);
    const units = Array.from({ length: WEEK }, (_, weekday) => Math.round(mean(sales.filter((_, day) => day % WEEK === weekday))));
    return { method: 'by weekday', units };
  },
);

export const order = step({ name: 'order', inputs: { forecast }, outputs: { ordered: z.number() } }, ({ forecast }) =>
  Math.ceil(forecast.units.reduce((a, b) => a + b, 0) * 1.1),
);

export const publish = step(
  {
    name: 'publish',
    description: 'Nice to have: a dashboard that is down must not keep the shelves empty.',
    inputs: { forecast },
    params: { dashboard: z.enum(['up', 'down']).default('up') },
    outputs: { link: z.string() },
    onFailure: 'continue',
  },
  ({ dashboard }) => {
    if (dashboard === 'down') throw new Error('502 Bad Gateway');
    return 'https://dashboards.example/demand';
  },
);

export const announce = step({ name: 'announce', inputs: { link: z.string() } }, ({ link }) => console.log(`the forecast is at ${link}`));

export default pipeline('demand_forecast', {
  description: 'A step that is stood in for, and one that may fail.',
  steps: [loadSales, forecastDemand, order, publish, announce],
});
