import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const houses = z.array(z.object({ area: z.number(), price: z.number() }));
const line = z.object({ slope: z.number(), intercept: z.number() });

/** The code says which steps belong together, never where they run. */
const load = step({ name: 'load_houses', group: 'data', outputs: { houses } }, () =>
  Array.from({ length: 200 }, (_, i) => ({ area: 40 + i, price: 50_000 + 3_000 * (40 + i) + 7_000 * Math.sin(i) })),
);

const train = step(
  {
    name: 'train',
    group: 'training',
    inputs: { houses },
    params: { strength: z.number().min(0).default(0.1) },
    outputs: { model: line },
  },
  ({ houses, strength }, run) => {
    run.log.info(`a model of ${houses.length} houses`);
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const [x, y] = [mean(houses.map(({ area }) => area)), mean(houses.map(({ price }) => price))];
    const covariance = houses.reduce((sum, { area, price }) => sum + (area - x) * (price - y), 0);
    const slope = covariance / (houses.reduce((sum, { area }) => sum + (area - x) ** 2, 0) + strength);
    return { slope, intercept: y - slope * x };
  },
);

const evaluate = step(
  { name: 'evaluate', group: 'data', inputs: { houses, model: line }, outputs: { error: z.number() } },
  ({ houses, model }, run) => {
    const error = houses.reduce((sum, { area, price }) => sum + Math.abs(model.slope * area + model.intercept - price), 0) / houses.length;
    run.metric('mean_absolute_error', error);
    return error;
  },
);

export default pipeline('house_prices', { steps: [load, train, evaluate] });
