import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const numbers = z.array(z.number());
const score = z.object({ error: z.number() });
const load = () => [4, 8, 6, 2];
const clean = (data: number[]) => data.filter((n) => n < 8);
const train = (data: number[]) => data.reduce((sum, n) => sum + n, 0) / data.length;
const evaluate = (model: number, data: number[]) => ({ error: Math.max(...data.map((n) => Math.abs(n - model))) });

/** What not to do: a whole pipeline in one step, of which nothing can be seen, kept or done again on its own. */
export const doEverything = step({ name: 'do_everything', outputs: { everything: score } }, () => {
  const data = clean(load());
  return evaluate(train(data), data);
});

export const monolith = pipeline('monolith', { steps: [doEverything] });

/** The same in steps. */
export const split = pipeline('split', {
  steps: [
    step({ name: 'load', outputs: { data: numbers } }, load),
    step({ name: 'clean', inputs: { data: numbers }, outputs: { cleaned: numbers } }, ({ data }) => clean(data)),
    step({ name: 'train', inputs: { cleaned: numbers }, outputs: { model: z.number() } }, ({ cleaned }) => train(cleaned)),
    step({ name: 'evaluate', inputs: { model: z.number(), cleaned: numbers }, outputs: { metrics: score } }, ({ model, cleaned }) =>
      evaluate(model, cleaned),
    ),
  ],
});
