import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const sales = z.array(z.object({ price: z.number(), sold: z.number() }));

export const loadSales = step({ name: 'load_sales', params: { days: z.number().int().default(30) }, outputs: { sales } }, ({ days }) =>
  Array.from({ length: days }, (_, day) => ({ price: 10 + (day % 5), sold: 100 - 6 * (day % 5) })),
);

export const fitDemand = step(
  { name: 'fit_demand', inputs: { sales }, outputs: { slope: z.number() }, group: 'training_cluster' },
  ({ sales }) => {
    const mean = (of: (day: (typeof sales)[number]) => number) => sales.reduce((sum, day) => sum + of(day), 0) / sales.length;
    const [price, sold] = [mean((day) => day.price), mean((day) => day.sold)];
    return mean((day) => (day.price - price) * (day.sold - sold)) / mean((day) => (day.price - price) ** 2);
  },
);

export default pipeline('price_model', {
  description: 'How demand falls with the price.',
  steps: [loadSales, fitDemand],
});
