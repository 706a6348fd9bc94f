import { run } from 'flowyml';
import churnModel from './pipelines/churn-model.ts';

// Tries some learning rates, one run each. `run()` starts what it needs: the services, and a worker in this process.

let best = { rate: 0, loss: Number.POSITIVE_INFINITY };
for (const rate of [0.001, 0.01, 0.1]) {
  const result = await run(churnModel, { params: { learning_rate: rate }, tags: ['sweep'] });
  if (!result.success) throw new Error(result.summary());
  const loss = await result.output('log_loss'); // a number: the pipeline says so
  console.log(`learning rate ${rate}: log loss ${loss.toFixed(4)} (${result.step('fit').status}, run ${result.runId})`);
  if (loss < best.loss) best = { rate, loss };
}
console.log(`best: ${best.rate}`);
