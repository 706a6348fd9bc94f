import { createClient } from 'flowyml/client';
import churnModel from './pipelines/churn-model.ts';

// Starts a run and follows it. The services and a worker must run already; this process is neither.

const client = await createClient();
const run = await client.start(churnModel, { params: { learning_rate: 0.02, epochs: 200 }, tags: ['from-code'] });
console.log(`started ${run.runId}`);

for await (const change of run.watch()) {
  if (change.type === 'step') console.log(`${change.step}: ${change.status}`);
  else console.log(`the run: ${change.status}`);
}
const loss = await run.output('log_loss'); // a number: the pipeline says so
console.log(`log loss: ${loss.toFixed(4)}`);

const newest = await client.list({ pipeline: 'churn_model', tag: 'from-code', limit: 5 });
console.log(`${newest.length} newest runs: ${newest.map(({ runId, status }) => `${runId} ${status}`).join(', ')}`);
await client.close();
