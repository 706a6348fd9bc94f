import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const rows = z.array(z.object({ tenure: z.number(), churned: z.number() }));
const weights = z.object({ bias: z.number(), tenure: z.number() });

const chance = ({ bias, tenure }: z.infer<typeof weights>, x: number) => 1 / (1 + Math.exp(-(bias + tenure * x)));

export const loadCustomers = step({ name: 'load_customers', outputs: { rows } }, () =>
  Array.from({ length: 300 }, (_, i) => ({ tenure: i / 300, churned: (i * 13) % 300 > i ? 1 : 0 })),
);

export const fit = step(
  {
    name: 'fit',
    inputs: { rows },
    params: { learning_rate: z.number().positive(), epochs: z.int().min(1).default(20) },
    outputs: { weights },
  },
  ({ rows, learning_rate, epochs }, run) => {
    const fitted = { bias: 0, tenure: 0 };
    for (let epoch = 1; epoch <= epochs; epoch++) {
      for (const { tenure, churned } of rows) {
        const error = chance(fitted, tenure) - churned;
        fitted.bias -= learning_rate * error;
        fitted.tenure -= learning_rate * error * tenure;
      }
      run.progress(epoch / epochs);
    }
    return fitted;
  },
);

export const evaluate = step(
  { name: 'evaluate', inputs: { rows, weights }, outputs: { log_loss: z.number() } },
  ({ rows, weights }, run) => {
    const losses = rows.map(({ tenure, churned }) => -Math.log(churned ? chance(weights, tenure) : 1 - chance(weights, tenure)));
    const loss = losses.reduce((a, b) => a + b, 0) / rows.length;
    run.metric('log_loss', loss);
    return loss;
  },
);

export default pipeline('churn_model', {
  description: 'A small model, to be started from code.',
  steps: [loadCustomers, fit, evaluate],
  context: { learning_rate: 0.01 },
});
